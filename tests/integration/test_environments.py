"""Environments made with the real uv and the real pip, from PyPI, and used by a real script."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from runctl.agent.environment import prepare
from runctl.agent.installer import EnvironmentFailed
from runctl.project.environment import plan_environment
from runctl.project.script import inspect_script

pytestmark = pytest.mark.slow

# a name that nobody has on PyPI, so that a mistake here fails and does not fetch a stranger's package
LOCAL = "runctl-test-local-library"
PROJECT = '[project]\nname = "runctl-test-project"\nversion = "1"\nrequires-python = ">=3.8"\ndependencies = ["six"]\n'
BUILD = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
INLINE = "# /// script\n# dependencies = ['six']\n# requires-python = '>=3.8'\n# ///\n"


@pytest.fixture(params=["uv", "pip"])
def tool(request: pytest.FixtureRequest, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A PATH with this Python as `python`, with uv or without."""
    programs = folder.parent / "programs"
    programs.mkdir()
    (programs / "python").symlink_to(sys.executable)
    if request.param == "uv":
        (programs / "uv").symlink_to(uv())
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    assert (shutil.which("uv") is not None) == (request.param == "uv")
    return str(request.param)


def uv() -> str:
    beside = Path(sys.executable).parent / "uv"
    return str(beside) if beside.exists() else str(shutil.which("uv"))


def put(name: str, text: str) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def local_library(folder: str) -> None:
    put(f"{folder}/pyproject.toml", f'[project]\nname = "{LOCAL}"\nversion = "1"\n' + BUILD)
    put(f"{folder}/src/runctl_test_local_library/__init__.py", "answer = 42\n")


def made(lines: list[str], script: str = "train.py") -> str:
    environment = plan_environment(inspect_script(script), Path.cwd(), None)
    return prepare(dict(environment), str(Path.cwd().parent / "cache"), lines.append, lambda: False)


def run(script: str = "train.py") -> str:
    lines: list[str] = []
    python = made(lines, script)
    assert lines
    assert made([], script) == python
    done = subprocess.run([python, script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr + "\n".join(lines)
    assert str(Path(python).parent) in done.stdout
    return done.stdout


SCRIPT = "import six, sys\nprint(sys.executable, six.__file__)\n"


def test_requirements_and_their_constraints_are_installed(tool: str) -> None:
    put("requirements.txt", "-r more/six.txt\n-c constraints.txt\n")
    put("more/six.txt", "six\n")
    put("constraints.txt", "six==1.16.0\n")
    put("train.py", SCRIPT + "assert six.__version__ == '1.16.0'\n")
    run()


def test_inline_metadata_is_installed(tool: str) -> None:
    put("my train.py", INLINE + SCRIPT)
    run("my train.py")


def test_inline_metadata_of_a_script_without_suffix_and_without_dependencies(tool: str) -> None:
    put(
        "train", "#!/usr/bin/env python3\n# /// script\n# dependencies = []\n# ///\nimport sys; print(sys.executable)\n"
    )
    run("train")


def test_a_project_that_can_not_be_built_gets_its_dependencies_alone(tool: str) -> None:
    put("pyproject.toml", PROJECT)
    put("src/train.py", SCRIPT)
    run("src/train.py")
    assert not list(Path.cwd().glob("**/*.egg-info"))


def test_a_project_that_can_be_built_is_installed_editable(tool: str) -> None:
    put("pyproject.toml", PROJECT + BUILD)
    put("src/runctl_test_project/__init__.py", "answer = 1\n")
    put("train.py", SCRIPT + "import runctl_test_project as p; assert p.answer == 1, p.__file__\n")
    run()
    # another size: Python takes a source of the same size and second for the one it has compiled
    put("src/runctl_test_project/__init__.py", "answer = 1000\n")
    put("train.py", SCRIPT + "import runctl_test_project as p; assert p.answer == 1000\n")
    python = made([])
    assert subprocess.run([python, "train.py"]).returncode == 0


def test_a_lock_is_installed_exactly_and_left_as_it_is_with_uv_fetched_where_it_is_missing(tool: str) -> None:
    put("pyproject.toml", PROJECT.replace("six", "six==1.16.0"))
    subprocess.run([uv(), "lock", "--quiet"], check=True)
    put("pyproject.toml", PROJECT)
    before = Path("uv.lock").read_bytes()
    put("train.py", SCRIPT + "assert six.__version__ == '1.16.0'\n")
    run()
    assert Path("uv.lock").read_bytes() == before
    assert not Path(".venv").exists()


def test_packages_that_the_metadata_takes_from_elsewhere_come_from_there(tool: str) -> None:
    local_library("lib")
    put(
        "train.py",
        f"# /// script\n# dependencies = ['{LOCAL}']\n# [tool.uv.sources]\n# {LOCAL} = {{ path = 'lib' }}\n# ///\n"
        "import sys, runctl_test_local_library as l; print(sys.executable); assert l.answer == 42\n",
    )
    run()


def test_packages_that_the_project_takes_from_elsewhere_come_from_there(tool: str) -> None:
    local_library("lib")
    put(
        "pyproject.toml",
        PROJECT.replace("six", LOCAL) + f"[tool.uv.sources]\n{LOCAL} = {{ path = 'lib', editable = true }}\n",
    )
    put("train.py", "import sys, runctl_test_local_library as l; print(sys.executable); assert l.answer == 42\n")
    run()


def test_a_member_of_a_workspace_gets_its_own_dependencies_from_the_shared_lock(
    tool: str,
) -> None:
    put("pyproject.toml", PROJECT.replace('"six"', "") + '[tool.uv.workspace]\nmembers = ["members/*"]\n')
    put("members/one/pyproject.toml", PROJECT.replace("test-project", "test-member"))
    subprocess.run([uv(), "lock", "--quiet"], check=True)
    put("members/one/train.py", SCRIPT)
    run("members/one/train.py")


def test_a_package_that_does_not_exist_fails_with_the_installers_words_and_leaves_nothing(tool: str) -> None:
    put("requirements.txt", f"{LOCAL}-missing==1\n")
    put("train.py", SCRIPT)
    with pytest.raises(EnvironmentFailed, match="failed with exit code 1") as caught:
        made([])
    assert f"{LOCAL}-missing" in caught.value.output
    assert not [path for path in (Path.cwd().parent / "cache").iterdir() if path.is_dir()]


def test_a_python_that_nobody_has_is_named(tool: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS", "never")
    put("train.py", INLINE.replace(">=3.8", ">=3.99") + SCRIPT)
    with pytest.raises(EnvironmentFailed, match=r"3\.99"):
        made([])
