"""Makes the Python environment that the client planned, or finds it made, and returns its interpreter."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from typing import Any

from runctl.agent.installer import EnvironmentFailed, Installer, Report, Stop, complete, interpreter_in
from runctl.agent.versions import SpecifierError, satisfies


def prepare(environment: dict[str, Any], cache: str, report: Report, stopped: Stop) -> str:
    """The absolute path of the interpreter to run the script with; "" for what is not Python.

    An `interpreter` that the client did not name is this machine's own, the one that `python` or `python3` starts.
    `environment` is a `runctl.project.environment.Environment`. One that must be built is built once, in a
    folder of `cache` that is named by its contents, the platform and the Python it is built with; later calls
    find it complete. `report` gets every line of the installers' output; `stopped` is asked several times a
    second, and the installers are killed when it says yes. Raises EnvironmentFailed or Stopped; what was half
    made is removed.
    """
    kind = environment["kind"]
    if kind == "none":
        return ""
    if kind == "interpreter":
        return _given_interpreter(environment["python"] or _shell_interpreter())
    base = _shell_interpreter()
    home = os.path.join(os.path.abspath(cache), _folder_name(environment, base))
    found = complete(home)
    if found:
        return found
    installer = Installer(environment, home, report, stopped)
    return installer.make(lambda: _install(installer, environment, base, cache))


def _given_interpreter(python: str) -> str:
    if not (os.path.isfile(python) and os.access(python, os.X_OK)):
        raise EnvironmentFailed("there is no interpreter %s on this machine" % python)
    return python


def _shell_interpreter() -> str:
    return os.path.abspath(shutil.which("python") or shutil.which("python3") or sys.executable)


def _folder_name(environment: dict[str, Any], base: str) -> str:
    """Two environments share a folder exactly when each can stand for the other on this machine."""
    real = os.path.realpath(base)
    # the size, not the time: `pyenv rehash` rewrites its shims again and again
    identity = [real, os.stat(real).st_size, sys.platform, os.uname().machine]
    if environment["bound_to_root"]:
        identity.append(os.path.realpath(environment["root"]))
    return "%s-%s" % (environment["key"], hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:8])


def _install(installer: Installer, environment: dict[str, Any], base: str, cache: str) -> None:
    uv = shutil.which("uv")
    if not uv and environment["needs_uv"]:
        uv = _fetched_uv(installer, base, cache)
    tool = "uv" if uv else "pip"
    installer.report("preparing the environment of %s with %s" % (environment["source"], tool))
    version, executable = installer.probe(base)
    specifiers = environment["requires_python"]
    try:
        suits = not specifiers or satisfies(version, specifiers)
    except SpecifierError as error:
        raise EnvironmentFailed("requires-python in %s: %s" % (environment["source"], error)) from error
    if uv:
        _install_with_uv(installer, environment, uv, executable if suits else specifiers)
    elif suits:
        _install_with_pip(installer, environment, executable, version)
    else:
        raise EnvironmentFailed(
            "%s needs Python %s, and %s is Python %s: install uv, which fetches the right one, "
            "or name another interpreter" % (environment["source"], specifiers, base, version)
        )


def _install_with_uv(installer: Installer, environment: dict[str, Any], uv: str, python: str) -> None:
    """`python` is an interpreter or, where the machine's own does not suit, the versions that would."""
    home, kind = installer.home, environment["kind"]
    script = os.path.basename(environment["source"])
    if kind == "uv.lock":
        # no --python: as in `uv run`, .python-version and requires-python decide
        installer.run([uv, "sync", "--frozen"], UV_PROJECT_ENVIRONMENT=home)
        return
    installer.run([uv, "venv", "--quiet", "--no-project", "--python", python, home])
    if kind == "pep723" and environment["needs_uv"]:
        # `uv pip install` would not look at the sources that the script's metadata names
        frozen = ["--frozen"] if environment["files"] else []
        words = [uv, "sync", "--active", *frozen, "--python", interpreter_in(home), "--script", script]
        installer.run(words, VIRTUAL_ENV=home)
        return
    install = [uv, "pip", "install", "--python", interpreter_in(home)]
    if kind == "requirements":
        installer.run([*install, "-r", script])
    elif kind == "pyproject":
        installer.run([*install, *(["-e", "."] if environment["editable"] else ["-r", script])])
    elif environment["requirements"]:
        installer.run([*install, "-r", installer.listed(environment["requirements"])])


def _install_with_pip(installer: Installer, environment: dict[str, Any], python: str, version: str) -> None:
    installer.make_venv(python, version)
    install = [interpreter_in(installer.home), "-m", "pip", "install"]
    if environment["kind"] == "requirements":
        installer.run([*install, "-r", os.path.basename(environment["source"])])
    elif environment["editable"]:
        installer.run([*install, "-e", "."])
    elif environment["requirements"]:
        installer.run([*install, "-r", installer.listed(environment["requirements"])])


def _fetched_uv(installer: Installer, base: str, cache: str) -> str:
    """uv from PyPI, in an environment of its own that all others share."""
    home = os.path.join(os.path.abspath(cache), "uv")
    own = Installer(installer.environment, home, installer.report, installer.stopped)

    def install() -> None:
        own.report("fetching uv")
        version, executable = own.probe(base)
        own.make_venv(executable, version)
        own.run([interpreter_in(home), "-m", "pip", "install", "uv"])

    if not complete(home):
        own.make(install)
    return os.path.join(home, "bin", "uv")
