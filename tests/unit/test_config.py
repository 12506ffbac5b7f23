"""Settings: which source wins, what is refused, and how well the refusal says so."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from runctl.core.config import Config, check, load
from runctl.core.config.table import SETTINGS
from runctl.core.errors import UsageError


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """The environment of a user whose home folder is empty."""
    me = tmp_path / "me"
    me.mkdir()
    return {"HOME": str(me)}


@pytest.fixture
def project(environ: dict[str, str]) -> Path:
    path = Path(environ["HOME"], "work", "project")
    path.mkdir(parents=True)
    return path


def project_file(project: Path, text: str) -> Path:
    path = project / ".runctl.toml"
    path.write_bytes(text.encode())
    return path


def user_file(environ: dict[str, str], text: str) -> Path:
    path = Path(environ["HOME"], ".config", "runctl", "config.toml")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def origin(config: Config, key: str) -> str:
    return next(each.origin for each in config.origins() if each.key == key)


def test_without_files_or_variables_every_setting_has_its_default(project: Path, environ: dict[str, str]) -> None:
    config = load(project, environ)
    assert config.home == Path(environ["HOME"], ".runctl")
    assert (config.python, config.env_file) == (None, None)
    assert (config.grace, config.stop_signal, config.checkpoint_dir) == (30.0, "SIGTERM", ())
    assert {each.origin for each in config.origins()} == {"default"}
    assert [each.key for each in config.origins()] == list(SETTINGS)


def test_each_source_wins_over_the_one_below_it_and_says_where_it_is(project: Path, environ: dict[str, str]) -> None:
    of_user = user_file(environ, "# mine\ngrace = 1\n")
    config = load(project, environ)
    assert (config.grace, origin(config, "grace")) == (1, f"{of_user}:2")
    of_project = project_file(project, "\n\ngrace = 2\n")
    config = load(project, environ)
    assert (config.grace, origin(config, "grace")) == (2, f"{of_project}:3")
    config = load(project, {**environ, "RUNCTL_GRACE": "3"})
    assert (config.grace, origin(config, "grace")) == (3, "RUNCTL_GRACE")
    flagged = config.override(grace="4s", python=None)
    assert (flagged.grace, origin(flagged, "grace")) == (4, "--grace")
    assert (config.grace, origin(flagged, "python")) == (3, "default")


def test_the_settings_cannot_be_assigned(project: Path, environ: dict[str, str]) -> None:
    config = load(project, environ)
    with pytest.raises(AttributeError, match="frozen"):
        config.grace = 1.0


@pytest.mark.parametrize(
    ("toml", "seconds"),
    [("90", 90), ('"90s"', 90), ('"2m"', 120), ('"1.5h"', 5400), ("0", 0), ("0.5", 0.5), ('" 2 M "', 120)],
)
def test_grace_is_read_in_every_spelling(project: Path, environ: dict[str, str], toml: str, seconds: float) -> None:
    project_file(project, f"grace = {toml}")
    assert load(project, environ).grace == seconds
    assert load(project, {**environ, "RUNCTL_GRACE": toml.strip('"')}).grace == seconds


@pytest.mark.parametrize("name", ["TERM", "SIGTERM", "term", "sigterm", " Term "])
def test_a_signal_is_read_with_or_without_sig(project: Path, environ: dict[str, str], name: str) -> None:
    assert load(project, {**environ, "RUNCTL_STOP_SIGNAL": name}).stop_signal == "SIGTERM"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("grace = -1", "not 0 or more"),
        ("grace = nan", "not 0 or more"),
        ("grace = inf", "longer than 7 days"),
        ("grace = 0x" + "f" * 5000, "longer than 7 days"),
        ("grace = true", "a boolean, not a length of time"),
        ("grace = [1]", "an array, not a length of time"),
        ("grace = 1979-05-27", "a date or time, not a length of time"),
        ("grace.a = 1", "a table, not a length of time"),
        ('grace = "2 weeks"', "not a length of time"),
        ('grace = ""', "is empty"),
        ('grace = "٣"', "not a length of time"),
        ('stop_signal = "KILL"', "cannot be caught"),
        ('stop_signal = "SIGSTOP"', "cannot be caught"),
        ('stop_signal = "_DFL"', "no signal"),
        ("stop_signal = 15", "a number, not text"),
        ('stop_signal = ""', "is empty"),
        ('checkpoint_dir = "a"', "text, not an array"),
        ('checkpoint_dir = ["/a"]', "not relative"),
        ('checkpoint_dir = ["~/a"]', "not relative"),
        ('checkpoint_dir = ["a/../../b"]', "leads out"),
        ('checkpoint_dir = [""]', "an item that is empty"),
        ("checkpoint_dir = [1]", "a number, not text"),
        ("env_file = 1", "a number, not text"),
        ('env_file = "a\\u0000b"', "NUL"),
        ('env_file = "~bob/x"', "another user's"),
        ('python = "  "', "is empty"),
        ('home = "/elsewhere"', "a project's file may not move a user's runs"),
        ("gracee = 1", "there is no setting 'gracee'"),
        ('"a\\nb" = 1', "there is no setting 'a\\nb'"),
        ("[tool.x]\ny = 1", "there is no setting 'tool'"),
    ],
)
def test_a_wrong_line_is_refused_with_its_file_line_key_and_what_is_right(
    project: Path, environ: dict[str, str], line: str, why: str
) -> None:
    path = project_file(project, f"# comment\n\n{line}\n")
    with pytest.raises(UsageError) as caught:
        load(project, environ)
    assert caught.value.message.startswith(f"{path}:3: ")
    assert why in caught.value.message
    assert caught.value.hint
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < len(str(path)) + 200


def test_an_unknown_key_names_the_nearest_setting(project: Path, environ: dict[str, str]) -> None:
    project_file(project, "Stop-Signal = 1")
    with pytest.raises(UsageError) as caught:
        load(project, environ)
    assert caught.value.hint == "did you mean 'stop_signal'?"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a = 1\nb =\n", ":2: not valid TOML"),
        ("grace = 1\ngrace = 2\n", ":2: not valid TOML"),
        ('a = 1\n\nb = """x\n\n', ":4: not valid TOML"),
        ("a = " + "[" * 50_000, ": not valid TOML"),
        ("a = " + "9" * 5000, ": not valid TOML"),
    ],
)
def test_a_syntax_error_is_named_with_its_line(project: Path, environ: dict[str, str], text: str, where: str) -> None:
    path = project_file(project, text)
    with pytest.raises(UsageError) as caught:
        load(project, environ)
    assert caught.value.message.startswith(f"{path}{where}")


def test_a_file_that_is_no_readable_text_is_named(project: Path, environ: dict[str, str]) -> None:
    path = project / ".runctl.toml"
    unreadable: dict[str, Callable[[], object]] = {
        "is not a regular file": path.mkdir,
        "cannot be read: No such file": lambda: path.symlink_to("nowhere"),
        ":2: not UTF-8": lambda: path.write_bytes(b"# ok\n# \xff\n"),
        "larger than 1 MiB": lambda: path.write_bytes(b"#" * (1 << 21)),
        "not a regular file": lambda: os.mkfifo(path),
    }
    for reason, make in unreadable.items():
        make()
        with pytest.raises(UsageError) as caught:
            load(project, environ)
        assert caught.value.message.startswith(str(path))
        assert reason in caught.value.message
        path.rmdir() if path.is_dir() else path.unlink()


@pytest.mark.parametrize("text", ["", "\n", "# all comments\n", "\ufeffgrace = 30\n", "grace = 30\r\n"])
def test_empty_bom_and_crlf_files_are_fine(project: Path, environ: dict[str, str], text: str) -> None:
    project_file(project, text)
    assert load(project, environ).grace == 30


def test_empty_text_means_none_only_where_none_is_the_default(project: Path, environ: dict[str, str]) -> None:
    project_file(project, 'python = "python3.12"\nenv_file = ".env"\ncheckpoint_dir = ["a"]')
    empty = {"RUNCTL_PYTHON": "", "RUNCTL_ENV_FILE": "", "RUNCTL_CHECKPOINT_DIR": ""}
    config = load(project, {**environ, **empty})
    assert (config.python, config.env_file, config.checkpoint_dir) == (None, None, ())
    for name in ("HOME", "GRACE", "STOP_SIGNAL"):
        with pytest.raises(UsageError, match=f"RUNCTL_{name}: .* is empty"):
            load(project, {**environ, f"RUNCTL_{name}": ""})


def test_paths_are_relative_to_what_names_them(project: Path, environ: dict[str, str]) -> None:
    sub = project / "deep" / "er"
    sub.mkdir(parents=True)
    project_file(project, 'env_file = "secret.env"\npython = ".venv/bin/python"\ncheckpoint_dir = ["./a", "b/c"]')
    mine = user_file(environ, 'home = "runs"\nenv_file = "~/x"')
    config = load(sub, environ)
    assert config.env_file == project / "secret.env"
    assert config.python == str(project / ".venv/bin/python")
    assert config.checkpoint_dir == ("a", "b/c")
    assert config.home == mine.parent / "runs"
    assert load(sub, {**environ, "RUNCTL_ENV_FILE": "x"}).env_file == sub / "x"
    assert load(sub, {**environ, "RUNCTL_ENV_FILE": "~/x"}).env_file == Path(environ["HOME"], "x")
    assert config.override(env_file=Path("y")).env_file == sub / "y"
    assert config.override(checkpoint_dir=["p", "q"]).checkpoint_dir == ("p", "q")
    assert load(sub, {**environ, "RUNCTL_CHECKPOINT_DIR": "p:q"}).checkpoint_dir == ("p", "q")


def test_a_wrong_flag_is_named_as_typed(project: Path, environ: dict[str, str]) -> None:
    with pytest.raises(UsageError, match=r"^--stop-signal: stop_signal = 'HUPP' is no signal"):
        load(project, environ).override(stop_signal="HUPP")


def test_the_nearest_project_file_counts_alone(project: Path, environ: dict[str, str]) -> None:
    project_file(project.parent, 'grace = 7\npython = "far"')
    assert load(project, environ).grace == 7
    project_file(project, "grace = 8")
    config = load(project, environ)
    assert (config.grace, config.python) == (8, None)


def test_the_search_ends_with_the_folder_that_holds_git(project: Path, environ: dict[str, str]) -> None:
    project_file(project.parent, "grace = 7")
    (project / ".git").write_text("gitdir: elsewhere")
    assert load(project, environ).grace == 30
    project_file(project, "grace = 8")
    assert load(project, environ).grace == 8


def test_the_search_ends_with_the_home_folder_even_behind_a_link(project: Path, environ: dict[str, str]) -> None:
    home = Path(environ["HOME"])
    project_file(home.parent, "grace = 7")
    link = home.parent / "link"
    link.symlink_to(home)
    assert load(project, environ).grace == 30
    assert load(project, {"HOME": str(link)}).grace == 30
    project_file(home, "grace = 8")
    assert load(project, environ).grace == 8


def test_a_file_left_in_a_folder_that_all_may_write_to_is_not_taken_by_those_below(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    below = shared / "mine"
    below.mkdir(parents=True)
    shared.chmod(0o1777)
    project_file(shared, 'python = "/tmp/evil"')
    assert load(below, {"HOME": "/nonexistent"}).python is None
    assert load(shared, {"HOME": "/nonexistent"}).python == "/tmp/evil"


def test_xdg_config_home_moves_the_users_file_unless_relative(project: Path, environ: dict[str, str]) -> None:
    user_file(environ, "grace = 5")
    other = Path(environ["HOME"], "other dir")
    (other / "runctl").mkdir(parents=True)
    (other / "runctl" / "config.toml").write_text("grace = 6")
    assert load(project, {**environ, "XDG_CONFIG_HOME": str(other)}).grace == 6
    assert load(project, {**environ, "XDG_CONFIG_HOME": "other dir"}).grace == 5
    assert load(project, {**environ, "XDG_CONFIG_HOME": ""}).grace == 5


def test_check_reports_every_problem_of_every_source(project: Path, environ: dict[str, str]) -> None:
    user_file(environ, 'grace = "x"\nnonsense = 1\n')
    project_file(project, 'home = "x"\nstop_signal = 3\ngrace = 9\n')
    report = check(project, {**environ, "RUNCTL_GRACE": "", "RUNCTL_ENV_FILE": "~bob"})
    found = [problem.message.rpartition("/")[2].split(" = ")[0] for problem in report.problems]
    assert found == [
        "config.toml:1: grace",
        "config.toml:2: there is no setting 'nonsense'",
        found[2],
        ".runctl.toml:2: stop_signal",
        "RUNCTL_ENV_FILE: env_file",
        "RUNCTL_GRACE: grace",
    ]
    assert found[2].startswith(".runctl.toml:1: home is not for this file")
    assert len(report.files) == 2


def test_check_goes_on_after_a_file_that_cannot_be_parsed(project: Path, environ: dict[str, str]) -> None:
    user_file(environ, "= 1")
    project_file(project, "grace = -1")
    assert len(check(project, environ).problems) == 2


def test_variables_that_runs_set_are_not_complained_about_and_others_are(
    project: Path, environ: dict[str, str]
) -> None:
    of_runs = {f"RUNCTL_{name}": "" for name in ("RUN_ID", "RUN_DIR", "ATTEMPT", "METRICS")}
    assert check(project, {**environ, **of_runs}) == ([], [], [])
    report = check(project, {**environ, "RUNCTL_GRACEE": "1", "RUNCTL_GRACE": "1"})
    assert not report.problems
    assert len(report.warnings) == 1
    assert "RUNCTL_GRACEE" in report.warnings[0]
    assert "'grace'" in report.warnings[0]
    load(project, {**environ, "RUNCTL_GRACEE": "1"})


def test_loading_without_a_file_imports_no_toml_library(project: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from runctl.core.config import load\n"
        f"load(Path({str(project)!r}), {{'HOME': '/nonexistent'}}).grace\n"
        "heavy = {'tomllib', 'tomli', 'tomlkit', 'dataclasses', 'inspect', 'difflib', 'tempfile'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    outcome = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": _source()},
    )
    assert (outcome.stdout, outcome.stderr) == ("[]\n", "")


def _source() -> str:
    import runctl

    return str(Path(runctl.__file__).parent.parent)
