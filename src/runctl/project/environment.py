"""Which Python environment a script is to run in, as data; `runctl.agent.environment` makes it."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, TypedDict

from runctl.core.errors import NotFoundError, RefusedError
from runctl.core.text import printable
from runctl.project.inline import check_requirements, parse_toml
from runctl.project.requirements import local_project_files, read_requirements
from runctl.project.script import Script
from runctl.project.syntax import check_syntax

# settings of uv without which pip would take other packages than uv, from somewhere else
UV_SOURCES = ("sources", "index", "index-url", "extra-index-url", "find-links", "no-index")
LARGEST_READ = 16 * 1024 * 1024
WORKSPACE_MEMBER = r'(?m)^source = \{{ (?:editable|virtual) = "{}" \}}$'
LOCAL_SOURCE = re.compile(r'(?m)^source = \{ (?:editable|directory|path) = "')


class Environment(TypedDict):
    """What travels to the machine in spec.json."""

    # "interpreter": `python` is used as it is; "none": not Python, nothing is made; otherwise what is built
    kind: Literal["interpreter", "pep723", "uv.lock", "pyproject", "requirements", "none"]
    # the interpreter's absolute path for "interpreter", else None: the machine chooses one when it builds
    python: str | None
    # PEP 440 specifiers, such as ">=3.10,<3.13"
    requires_python: str | None
    # absolute folder of the project on the machine; who sends the project elsewhere sets it anew
    root: str
    # the file that says what the environment holds, relative to `root`
    source: str | None
    # PEP 508 requirements of "pep723" and "pyproject"; "requirements" has its file instead
    requirements: list[str]
    # the project in the source's folder is itself installed, editable
    editable: bool
    # pip can't do what the source says, so that uv is fetched where it is missing
    needs_uv: bool
    # the environment refers to files under `root`, so that a copy of the project needs its own
    bound_to_root: bool
    # files, relative to `root`, whose contents are in `key`
    files: list[str]
    # hash over everything above but `root`, and over the contents of `files`; "" where nothing is built
    key: str


def plan_environment(script: Script, root: Path, python: str | None) -> Environment:
    """The environment for `script` in the project at `root`; nothing is made, and no process is started.

    In this order: `python` when given (a path, a name on PATH, or a version such as 3.12); the script's
    inline metadata; then, nearest to the script first, up to `root`: uv.lock beside a pyproject.toml (or the
    lock of the workspace it belongs to), a pyproject.toml with a [project] table, requirements.txt; otherwise
    the interpreter of the user's shell: `python` or `python3` on PATH, so that an active environment counts,
    else the one that runctl runs under. What is not Python runs as it is, without any environment: a shell
    script that wants one says so itself.
    Raises NotFoundError for an unknown `python`, RefusedError for a file that is not as it should be.
    """
    if script.kind == "executable":
        return _as_it_is("none", root, None)
    if python is not None:
        return _as_it_is("interpreter", root, _named_interpreter(python))
    if script.pep723 is not None:
        return _from_metadata(script, script.pep723, root)
    for folder in _folders_up_to(root, script.path.parent):
        if found := _from_project(folder, root) or _from_requirements(folder, root):
            return found
    return _as_it_is("interpreter", root, shell_interpreter())


def check_script(script: Script, environment: Environment) -> None:
    """Raises RefusedError, with file and line, when `script` is no valid Python for its environment.

    Where the interpreter is still to be chosen, this Python judges if `requires_python` admits it; otherwise
    what will run the script is not known yet, and nothing is refused.
    """
    if script.kind != "python":
        return
    specifiers = environment["requires_python"]
    if specifiers and not _admits_this_python(specifiers, environment):
        return
    check_syntax(script.path, environment["python"])


def shell_interpreter() -> str:
    """The absolute path of the Python that the user's shell would start, links left as they are."""
    found = shutil.which("python") or shutil.which("python3") or sys.executable
    return str(Path(found).absolute())


def _admits_this_python(specifiers: str, environment: Environment) -> bool:
    from runctl.agent.versions import SpecifierError, satisfies

    try:
        return satisfies("{}.{}.{}".format(*sys.version_info[:3]), specifiers)
    except SpecifierError as error:
        raise RefusedError(f"{environment['source']}: requires-python: {printable(str(error))}") from error


def _named_interpreter(python: str) -> str:
    names = [python, "python" + python] if re.fullmatch(r"\d+(\.\d+)*", python) else [python]
    for name in names:
        if found := shutil.which(name):
            # not resolved: a virtual environment's python is a link, and is the environment by its place
            return str(Path(found).absolute())
    shown = printable(python)
    if Path(python, "bin", "python").exists():
        raise NotFoundError(f"{shown} is a folder", hint=f"name its interpreter: {Path(shown, 'bin/python')}")
    if os.path.lexists(python):
        raise NotFoundError(f"{shown} is not an executable interpreter")
    raise NotFoundError(f"there is no interpreter {shown!r} on PATH", hint="name its path: .venv/bin/python")


def _folders_up_to(root: Path, start: Path) -> Iterator[Path]:
    yield start
    if root in start.parents:
        for folder in start.parents:
            yield folder
            if folder == root:
                return


def _as_it_is(kind: Literal["interpreter", "none"], root: Path, python: str | None) -> Environment:
    return {
        "kind": kind,
        "python": python,
        "requires_python": None,
        "root": str(root),
        "source": None,
        "requirements": [],
        "editable": False,
        "needs_uv": False,
        "bound_to_root": False,
        "files": [],
        "key": "",
    }


def _from_metadata(script: Script, table: dict[str, Any], root: Path) -> Environment:
    tool = _tool_uv(table)
    lock = script.path.with_name(script.path.name + ".lock")
    files = [lock] if lock.is_file() else []
    environment = _built(
        "pep723",
        root,
        source=script.path,
        requires_python=table.get("requires-python"),
        requirements=table.get("dependencies", []),
        needs_uv=bool(files) or _has_sources(tool),
        bound_to_root=_has_local_source(tool),
        files=files,
    )
    # not the script's contents, which change with every edit, but its metadata
    return _with_key(environment, json.dumps(table, sort_keys=True, default=str))


def _from_project(folder: Path, root: Path) -> Environment | None:
    file = folder / "pyproject.toml"
    if not file.is_file():
        return None
    shown = _relative(file, root)
    document = parse_toml(_text(file, shown), shown)
    project = document.get("project")
    if not isinstance(project, dict):
        return None
    check_requirements(project, f"{shown}: [project]")
    tool = _tool_uv(document)
    if lock := _lock_of(folder, root):
        pins = [folder / ".python-version", lock.parent / ".python-version"]
        environment = _built(
            "uv.lock",
            root,
            source=file,
            requires_python=project.get("requires-python"),
            needs_uv=True,
            bound_to_root=bool(LOCAL_SOURCE.search(_text(lock, _relative(lock, root)))),
            files=[lock, file, lock.with_name("pyproject.toml"), *(pin for pin in pins if pin.is_file())],
        )
        return _with_key(environment)
    # uv's rule: https://docs.astral.sh/uv/concepts/projects/config/#build-systems
    built = "build-system" in document or "dependencies" in project.get("dynamic", [])
    editable = bool(tool.get("package", built))
    environment = _built(
        "pyproject",
        root,
        source=file,
        requires_python=project.get("requires-python"),
        requirements=project.get("dependencies", []),
        editable=editable,
        needs_uv=_has_sources(tool),
        bound_to_root=editable or _has_local_source(tool),
        files=local_project_files(folder),
    )
    return _with_key(environment)


def _from_requirements(folder: Path, root: Path) -> Environment | None:
    file = folder / "requirements.txt"
    if not file.is_file():
        return None
    read = read_requirements(file, root)
    environment = _built(
        "requirements", root, source=file, bound_to_root=bool(read.local), files=[*read.files, *read.local]
    )
    return _with_key(environment)


def _lock_of(folder: Path, root: Path) -> Path | None:
    """The uv.lock that covers the project in `folder`: its own, or that of the workspace that lists it."""
    for parent in _folders_up_to(root, folder):
        lock = parent / "uv.lock"
        if not (lock.is_file() and (parent / "pyproject.toml").is_file()):
            continue
        member = WORKSPACE_MEMBER.format(re.escape(folder.relative_to(parent).as_posix()))
        if parent == folder or re.search(member, _text(lock, _relative(lock, root))):
            return lock
    return None


def _built(
    kind: Literal["pep723", "uv.lock", "pyproject", "requirements"],
    root: Path,
    *,
    source: Path,
    requires_python: str | None = None,
    requirements: list[str] | None = None,
    editable: bool = False,
    needs_uv: bool = False,
    bound_to_root: bool = False,
    files: list[Path],
) -> Environment:
    return {
        "kind": kind,
        "python": None,
        "requires_python": requires_python,
        "root": str(root),
        "source": _relative(source, root),
        "requirements": requirements or [],
        "editable": editable,
        "needs_uv": needs_uv,
        "bound_to_root": bound_to_root,
        "files": sorted({_relative(file, root) for file in files}),
        "key": "",
    }


def _with_key(environment: Environment, metadata: str = "") -> Environment:
    import hashlib

    what = {name: value for name, value in environment.items() if name not in ("root", "key")}
    digest = hashlib.sha256(json.dumps([what, metadata], sort_keys=True).encode())
    for name in environment["files"]:
        content = _fingerprint(Path(environment["root"], name), name)
        digest.update(b"%d " % len(content) + content)
    return {**environment, "key": digest.hexdigest()[:20]}


def _fingerprint(file: Path, shown: str) -> bytes:
    about = file.stat()
    if about.st_size > LARGEST_READ:
        # such as the wheel of a framework, too large to be read before every run
        return b"%d %d" % (about.st_size, about.st_mtime_ns)
    return _content(file, shown)


def _content(file: Path, shown: str) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise RefusedError(f"{shown} can't be read: {error.strerror}") from error


def _text(file: Path, shown: str) -> str:
    try:
        return _content(file, shown).decode()
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise RefusedError(f"{shown}:{line}: not UTF-8") from error


def _relative(file: Path, root: Path) -> str:
    return os.path.relpath(file, root)


def _tool_uv(document: dict[str, Any]) -> dict[str, Any]:
    tool = document.get("tool")
    settings = tool.get("uv") if isinstance(tool, dict) else None
    return settings if isinstance(settings, dict) else {}


def _has_sources(tool_uv: dict[str, Any]) -> bool:
    return any(name in tool_uv for name in UV_SOURCES)


def _has_local_source(tool_uv: dict[str, Any]) -> bool:
    return '"path": ' in json.dumps(tool_uv.get("sources"), default=str)
