"""Which environment a script gets, and what changes its key."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from runctl.core.errors import NotFoundError, RefusedError
from runctl.project.environment import Environment, check_script, plan_environment, shell_interpreter
from runctl.project.script import inspect_script

PROJECT = '[project]\nname = "x"\nversion = "1"\ndependencies = ["six"]\nrequires-python = ">=3.8"\n'
BUILD = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
INLINE = "# /// script\n# dependencies = ['six']\n# requires-python = '>=3.8'\n# ///\n"


def put(name: str, text: str = "", mode: int = 0o644) -> Path:
    path = Path(name).absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


def plan(script: str = "train.py", python: str | None = None) -> Environment:
    if not Path(script).exists():
        put(script)
    environment = plan_environment(inspect_script(script), Path.cwd(), python)
    assert json.loads(json.dumps(environment)) == environment
    return environment


def test_the_best_description_of_the_environment_wins(folder: Path) -> None:
    assert plan()["kind"] == "interpreter"
    put("requirements.txt", "six\n")
    assert (plan()["kind"], plan()["source"]) == ("requirements", "requirements.txt")
    put("pyproject.toml", "[tool.ruff]\nline-length = 90\n")
    put("uv.lock", "version = 1\n")
    assert plan()["kind"] == "requirements"
    Path("uv.lock").unlink()
    put("pyproject.toml", PROJECT)
    assert (plan()["kind"], plan()["requirements"]) == ("pyproject", ["six"])
    put("uv.lock", "version = 1\n")
    assert (plan()["kind"], plan()["needs_uv"]) == ("uv.lock", True)
    put("train.py", INLINE)
    assert (plan()["kind"], plan()["requires_python"]) == ("pep723", ">=3.8")
    assert plan(python=sys.executable)["kind"] == "interpreter"


def test_an_empty_block_of_metadata_still_means_an_environment_of_its_own(folder: Path) -> None:
    put("requirements.txt", "six\n")
    put("train.py", "# /// script\n#\n# ///\n")
    assert (plan()["kind"], plan()["requirements"], plan()["requires_python"]) == ("pep723", [], None)


def test_the_description_nearest_to_the_script_wins_and_none_above_the_root_counts(folder: Path) -> None:
    put("../requirements.txt", "six\n")
    assert plan("a/b/train.py")["kind"] == "interpreter"
    put("pyproject.toml", PROJECT)
    assert plan("a/b/train.py")["source"] == "pyproject.toml"
    put("a/requirements.txt", "six\n")
    assert plan("a/b/train.py")["source"] == "a/requirements.txt"


def test_a_program_that_is_not_python_runs_without_any_environment(folder: Path) -> None:
    put("requirements.txt", "six\n")
    put("train.sh", "#!/bin/sh\n", 0o755)
    assert (plan("train.sh")["kind"], plan("train.sh")["python"]) == ("none", None)


def test_without_a_description_the_interpreter_of_the_users_shell_is_taken(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("bin3/python3", "#!/bin/sh\n", 0o755)
    put("real/python", "#!/bin/sh\n", 0o755)
    Path("venv").mkdir()
    Path("venv/python").symlink_to(Path("real/python").absolute())
    monkeypatch.setenv("PATH", f"bin3:{folder}/venv")
    assert plan()["python"] == f"{folder}/venv/python"
    monkeypatch.setenv("PATH", "bin3")
    assert plan()["python"] == f"{folder}/bin3/python3"
    monkeypatch.setenv("PATH", "")
    assert shell_interpreter() == sys.executable


def test_an_interpreter_is_named_by_path_name_or_version(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put("bin/python3.12", "#!/bin/sh\n", 0o755)
    put("text", "")
    monkeypatch.setenv("PATH", "bin")
    for name in ("bin/python3.12", "python3.12", "3.12"):
        assert plan(python=name)["python"] == f"{folder}/bin/python3.12"
    put("v/bin/python")
    for name, message in [
        ("3.13", "there is no interpreter '3.13' on PATH"),
        ("", "there is no interpreter ''"),
        ("a\nb", r"there is no interpreter 'a\\\\nb'"),
        ("text", "text is not an executable"),
        ("v", "v is a folder"),
    ]:
        with pytest.raises(NotFoundError, match=message):
            plan(python=name)


def test_a_project_is_installed_itself_only_when_it_can_be_built(folder: Path) -> None:
    put("pyproject.toml", PROJECT)
    assert (plan()["editable"], plan()["bound_to_root"]) == (False, False)
    put("pyproject.toml", PROJECT + BUILD)
    assert (plan()["editable"], plan()["bound_to_root"]) == (True, True)
    put("pyproject.toml", PROJECT + BUILD + "[tool.uv]\npackage = false\n")
    assert plan()["editable"] is False
    put("pyproject.toml", '[project]\nname = "x"\nversion = "1"\ndynamic = ["dependencies"]\n')
    assert plan()["editable"] is True


def test_packages_that_uv_takes_from_elsewhere_are_never_left_to_pip(folder: Path) -> None:
    put("pyproject.toml", PROJECT + '[tool.uv.sources]\nsix = { path = "six" }\n')
    assert (plan()["needs_uv"], plan()["bound_to_root"]) == (True, True)
    put("pyproject.toml", PROJECT + '[[tool.uv.index]]\nurl = "https://example.org"\n')
    assert (plan()["needs_uv"], plan()["bound_to_root"]) == (True, False)
    put("train.py", "# /// script\n# dependencies = []\n# [tool.uv.sources]\n# six = { git = 'x' }\n# ///\n")
    assert plan()["needs_uv"] is True


def test_a_member_of_a_uv_workspace_uses_the_lock_of_the_workspace(folder: Path) -> None:
    put("pyproject.toml", PROJECT)
    put("packages/a.b/pyproject.toml", PROJECT)
    put("packages/aXb/pyproject.toml", PROJECT)
    put("uv.lock", 'version = 1\n[[package]]\nname = "a"\nsource = { editable = "packages/a.b" }\n')
    member = plan("packages/a.b/train.py")
    assert (member["kind"], member["source"]) == ("uv.lock", "packages/a.b/pyproject.toml")
    assert member["files"] == ["packages/a.b/pyproject.toml", "pyproject.toml", "uv.lock"]
    assert member["bound_to_root"] is True
    assert plan("packages/aXb/train.py")["kind"] == "pyproject"


@pytest.mark.parametrize(
    ("files", "changed"),
    [
        ({"requirements.txt": "six"}, "requirements.txt"),
        ({"requirements.txt": "-r a/b.txt", "a/b.txt": "-c ../c.txt", "c.txt": "six<2"}, "c.txt"),
        ({"requirements.txt": "--requirement=b.txt", "b.txt": "six"}, "b.txt"),
        ({"requirements.txt": "--constraint \\\n  'b c.txt'  # why", "b c.txt": "six"}, "b c.txt"),
        ({"requirements.txt": "-rb.txt\r\nsix\r\n", "b.txt": "-r requirements.txt"}, "b.txt"),
        ({"requirements.txt": "-e ./lib[x]", "lib/setup.py": "1"}, "lib/setup.py"),
        ({"requirements.txt": "lib/ ; python_version > '3'", "lib/pyproject.toml": "1"}, "lib/pyproject.toml"),
        ({"requirements.txt": "lib @ file:lib/x.whl", "lib/x.whl": "1"}, "lib/x.whl"),
        ({"pyproject.toml": PROJECT, "uv.lock": "version = 1"}, "uv.lock"),
        ({"pyproject.toml": PROJECT, "uv.lock": "version = 1"}, "pyproject.toml"),
        ({"pyproject.toml": PROJECT, "uv.lock": "", ".python-version": "3.12"}, ".python-version"),
        ({"pyproject.toml": PROJECT + BUILD, "setup.py": ""}, "setup.py"),
        ({"train.py": INLINE, "train.py.lock": "version = 1"}, "train.py.lock"),
    ],
)
def test_the_key_changes_with_every_file_that_decides_and_with_no_other(
    folder: Path, files: dict[str, str], changed: str
) -> None:
    for name, text in files.items():
        put(name, text)
    put("other.txt", "1")
    before = plan()
    put("other.txt", "2")
    put("train.py", Path("train.py").read_text() + "print()\n")
    assert plan() == before
    put(changed, files[changed] + "\n# more\n")
    after = plan()
    assert changed in before["files"]
    assert after["key"] != before["key"]
    assert {**after, "key": ""} == {**before, "key": ""}


def test_the_key_changes_with_inline_metadata_and_not_with_the_script(folder: Path) -> None:
    put("train.py", INLINE)
    before = plan()["key"]
    put("train.py", INLINE + "print(1)\n")
    assert plan()["key"] == before
    put("train.py", INLINE.replace("six", "six<2"))
    assert plan()["key"] != before


def test_equal_projects_in_two_places_have_equal_keys(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = []
    for name in ("one", "two"):
        put(str(folder / name / "more.txt"), "six\n")
        monkeypatch.chdir(folder / name)
        put("requirements.txt", "-r more.txt\n")
        keys.append(plan()["key"])
    assert keys[0] == keys[1]


def test_a_huge_wheel_is_not_read_for_the_key_but_noticed_when_replaced(folder: Path) -> None:
    put("requirements.txt", "./big.whl\n")
    os.truncate(put("big.whl"), 1 << 40)
    before = plan()["key"]
    os.utime("big.whl", (1, 1))
    assert plan()["key"] != before


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"requirements.txt": "six\n-r no\x1b.txt"}, r"requirements\.txt:2: no\\x1b\.txt can't be read: No such"),
        ({"requirements.txt": "-r a/b.txt", "a/b.txt": "\n-c ."}, r"a/b\.txt:2: a can't be read: Is a directory"),
        ({"pyproject.toml": "[project]\nname = \n"}, r"pyproject\.toml:2: invalid TOML"),
        ({"pyproject.toml": "[project]\ndependencies = 'six'\n"}, r"pyproject\.toml: .*list of strings"),
        ({"pyproject.toml": "[project]\ndependencies = ['-r x']\n"}, r"'-r x' is not a dependency"),
    ],
)
def test_a_wrong_description_is_refused_with_its_place(folder: Path, files: dict[str, str], message: str) -> None:
    for name, text in files.items():
        put(name, text)
    with pytest.raises(RefusedError, match=message):
        plan()


def test_a_pyproject_that_is_not_utf8_is_refused_with_its_line(folder: Path) -> None:
    Path("pyproject.toml").write_bytes(b"[project]\nname = '\xe9'\n")
    with pytest.raises(RefusedError, match=r"pyproject\.toml:2: not UTF-8"):
        plan()


def test_requirements_written_by_powershell_are_understood(folder: Path) -> None:
    put("b.txt")
    Path("requirements.txt").write_bytes("-r b.txt\r\n".encode("utf-16"))
    assert plan()["files"] == ["b.txt", "requirements.txt"]


def test_a_syntax_error_is_refused_unless_another_python_will_run_the_script(folder: Path) -> None:
    put("train.py", INLINE + "x = = 1\n")
    with pytest.raises(RefusedError, match=r"train\.py:5: invalid syntax"):
        check_script(inspect_script("train.py"), plan())
    put("train.py", INLINE.replace(">=3.8", ">=3.99") + "x = = 1\n")
    check_script(inspect_script("train.py"), plan())
    put("train.py", INLINE.replace(">=3.8", "newest"))
    with pytest.raises(RefusedError, match=r"train\.py: requires-python: 'newest' is not a version specifier"):
        check_script(inspect_script("train.py"), plan())
    put("run", "#!/bin/sh\nx = = 1\n", 0o755)
    check_script(inspect_script("run"), plan("run"))
