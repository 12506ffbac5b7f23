"""Fixtures for every test: a home of its own, a clean environment, and the command line as a process."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from running import RUNCTL, processes_of

# the fixtures of tests in a sandbox; each is made when a test asks for it
pytest_plugins = ["account"]

_WAY_OUT_S = 5.0


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """Programs that tests start can be interrupted. A shell has what it starts with `&` ignore SIGINT, these tests
    perhaps too, and programs inherit that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty RUNCTL_HOME; whatever process of a run under it outlives the test is an error of the test."""
    for name in list(os.environ):
        if name.startswith(("RUNCTL_", "PYTHON", "VIRTUAL_ENV", "GIT_", "NO_COLOR", "UV_")):
            monkeypatch.delenv(name)
    path = tmp_path / "home"
    monkeypatch.setenv("RUNCTL_HOME", str(path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("COLUMNS", "100")
    yield path
    deadline = time.monotonic() + _WAY_OUT_S
    while (left := processes_of(path)) and time.monotonic() < deadline:
        time.sleep(0.01)  # an agent whose last word was read may still be on its way out
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert not left, f"the test left processes of its runs behind: {left}"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    path = tmp_path / "project"
    path.mkdir()
    monkeypatch.chdir(path)
    return path


@pytest.fixture
def runctl() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs `runctl WORDS…` as a user's shell would. Returns exit code, stdout and stderr as text."""

    def call(
        *words: str, stdin: str = "", timeout: float = 60, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*RUNCTL, *words],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            env={**os.environ, **(env or {})},
        )

    return call


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without root there are no block devices, network rules and hosts: those tests are left out, except in CI."""
    if os.geteuid() == 0:
        return
    for item in items:
        if item.path.parent.name in ("aws", "sandbox") or item.path.name == "test_agent_volumes.py":
            item.add_marker(pytest.mark.skip(reason="needs root"))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a skipped test is a failure: a tool that is missing there is to be installed, not passed over."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
