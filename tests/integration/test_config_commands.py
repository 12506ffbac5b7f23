"""`runctl config …` and `runctl init`, as a user's shell runs them."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from runctl.core.config import load
from runctl.core.config.table import SETTINGS

if sys.version_info >= (3, 11):
    from tomllib import loads
else:
    from tomli import loads

Runctl = Callable[..., "subprocess.CompletedProcess[str]"]


def toml(folder: Path) -> Path:
    return folder / ".runctl.toml"


def test_show_prints_values_and_with_origins_where_they_came_from(folder: Path, runctl: Runctl) -> None:
    toml(folder).write_text('\npython = "x\\ny"\ncheckpoint_dir = ["a", "b"]\n')
    plain = runctl("config", "show")
    assert plain.returncode == 0
    assert "ORIGIN" not in plain.stdout
    shown = runctl("config", "show", "--origins").stdout
    assert f"{toml(folder)}:2" in shown
    assert "a:b" in shown
    assert "RUNCTL_HOME" in shown
    assert "x\\ny" in shown
    assert len(shown.splitlines()) == len(SETTINGS) + 1


def test_show_as_json_has_every_value_and_origin(folder: Path, runctl: Runctl, home: Path) -> None:
    toml(folder).write_text("grace = '2m'\n")
    document = json.loads(runctl("config", "show", "--json").stdout)
    assert list(document) == list(SETTINGS)
    assert document["grace"] == {"value": 120.0, "origin": f"{toml(folder)}:1"}
    assert document["home"] == {"value": str(home), "origin": "RUNCTL_HOME"}
    assert document["python"] == {"value": None, "origin": "default"}
    assert document["checkpoint_dir"]["value"] == []


def test_a_wrong_file_ends_a_command_with_2_and_says_what_would_be_right(folder: Path, runctl: Runctl) -> None:
    toml(folder).write_text("grase = 1")
    shown = runctl("config", "show")
    assert (shown.returncode, shown.stdout) == (2, "")
    assert f"{toml(folder)}:1: there is no setting 'grase'" in shown.stderr
    assert "did you mean 'grace'?" in shown.stderr


def test_set_creates_the_file_and_keeps_comments_and_formatting(folder: Path, runctl: Runctl) -> None:
    assert runctl("config", "set", "grace", "90").returncode == 0
    assert toml(folder).read_text() == "grace = 90\n"
    toml(folder).write_text("# top\n\ngrace   =  90  # why\n  stop_signal = 'INT'")
    assert runctl("config", "set", "grace", "2m").returncode == 0
    assert runctl("config", "set", "checkpoint_dir", "a b:c/d").returncode == 0
    assert runctl("config", "set", "python", "").returncode == 0
    text = toml(folder).read_text()
    assert text.startswith("# top\n\ngrace   =  \"2m\"  # why\n  stop_signal = 'INT'\n")
    assert loads(text) == {
        "grace": "2m",
        "stop_signal": "INT",
        "checkpoint_dir": ["a b", "c/d"],
        "python": "",
    }
    assert list(folder.iterdir()) == [toml(folder)]


def test_set_changes_the_nearest_file_from_a_folder_below(
    folder: Path, runctl: Runctl, monkeypatch: pytest.MonkeyPatch
) -> None:
    toml(folder).touch()
    (folder / "src").mkdir()
    monkeypatch.chdir(folder / "src")
    outcome = runctl("config", "set", "grace", "5", "--json")
    assert json.loads(outcome.stdout) == {"key": "grace", "value": 5, "path": str(toml(folder))}
    assert toml(folder).read_text() == "grace = 5\n"


def test_set_user_writes_the_users_file(folder: Path, runctl: Runctl, tmp_path: Path) -> None:
    refused = runctl("config", "set", "home", "/data")
    assert refused.returncode == 2
    assert "may not move a user's runs" in refused.stderr
    assert runctl("config", "set", "--user", "home", "/data").returncode == 0
    assert loads((tmp_path / "config/runctl/config.toml").read_text()) == {"home": "/data"}
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("grase", "1"), "did you mean 'grace'?"),
        (("grace", "soon"), "not a length of time"),
        (("grace", "-5"), "not a length of time"),
        (("grace", ""), "is empty"),
        (("stop_signal", "KILL"), "cannot be caught"),
        (("checkpoint_dir", "a::b"), "an item that is empty"),
        (("env_file", "a\udcffb"), "not UTF-8"),
    ],
)
def test_set_refuses_what_is_wrong_and_writes_nothing(
    folder: Path, runctl: Runctl, words: tuple[str, ...], said: str
) -> None:
    outcome = runctl("config", "set", *words)
    assert outcome.returncode == 2
    assert said in outcome.stderr
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("text", ["grace = 1\ngrace =\n", "grace = 'x'\n", "other = 1\n", "home = 'x'"])
def test_set_leaves_a_wrong_file_untouched(folder: Path, runctl: Runctl, text: str) -> None:
    toml(folder).write_text(text)
    outcome = runctl("config", "set", "grace", "3")
    assert outcome.returncode == 2
    assert f"{toml(folder)}:" in outcome.stderr
    assert toml(folder).read_text() == text


def test_set_keeps_a_link_and_the_mode_of_its_target(folder: Path, runctl: Runctl, tmp_path: Path) -> None:
    target = tmp_path / "dotfile.toml"
    target.write_text("grace = 1\n")
    target.chmod(0o600)
    toml(folder).symlink_to(target)
    assert runctl("config", "set", "grace", "4").returncode == 0
    assert toml(folder).is_symlink()
    assert target.read_text() == "grace = 4\n"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_validate_says_ok(folder: Path, runctl: Runctl) -> None:
    outcome = runctl("config", "validate")
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "ok\n", "")


def test_validate_lists_every_problem_and_exits_with_2(folder: Path, runctl: Runctl) -> None:
    toml(folder).write_text("grace = -1\nfoo = 1\nstop_signal = 'X'\n")
    env = {"RUNCTL_CHECKPOINT_DIR": "/abs", "RUNCTL_WHAT": "1"}
    outcome = runctl("config", "validate", env=env)
    assert outcome.returncode == 2
    assert [line.split(" = ")[0].rpartition("/")[2] for line in outcome.stdout.splitlines()][:1] == [
        ".runctl.toml:1: grace"
    ]
    assert len(outcome.stdout.splitlines()) == 4
    assert "warning: RUNCTL_WHAT is set" in outcome.stderr
    document = json.loads(runctl("config", "validate", "--json", env=env).stdout)
    assert document["ok"] is False
    assert document["files"] == [str(toml(folder))]
    assert len(document["problems"]) == 4
    assert all(set(each) == {"message", "hint"} for each in document["problems"])
    assert len(document["warnings"]) == 1


def test_validate_counts_an_unknown_variable_as_no_error(folder: Path, runctl: Runctl) -> None:
    outcome = runctl("config", "validate", env={"RUNCTL_WHAT": "1"})
    assert (outcome.returncode, outcome.stdout) == (0, "ok\n")
    assert "RUNCTL_WHAT" in outcome.stderr


def test_init_writes_every_setting_commented_out(folder: Path, runctl: Runctl) -> None:
    outcome = runctl("init", "-q")
    assert (outcome.returncode, outcome.stdout) == (0, f"{toml(folder)}\n")
    text = toml(folder).read_text()
    assert loads(text) == {}
    for name, setting in SETTINGS.items():
        assert f"\n# {name} = " in text
        assert setting.help in text
    assert runctl("config", "validate").stdout == "ok\n"


def test_each_line_of_init_is_right_when_its_comment_sign_goes(folder: Path, runctl: Runctl) -> None:
    runctl("init")
    lines = toml(folder).read_text().splitlines()
    for name in set(SETTINGS) - {"home"}:
        lines = [line.removeprefix("# ") if line.startswith(f"# {name} = ") else line for line in lines]
    toml(folder).write_text("\n".join(lines))
    document = json.loads(runctl("config", "show", "--json").stdout)
    assert {name: each["value"] for name, each in document.items() if name != "home"} == {
        "python": None,
        "env_file": None,
        "grace": 30.0,
        "stop_signal": "SIGTERM",
        "checkpoint_dir": [],
        "output_dir": list(load(folder).output_dir),
        "output_s3": None,
        "region": None,
        "profile": None,
        "transport": "auto",
        "max_instances": 10,
        "address_service": "https://checkip.amazonaws.com",
    }
    assert document["grace"]["origin"].startswith(f"{toml(folder)}:")


def test_init_refuses_to_replace_a_file_unless_forced_and_confirmed(folder: Path, runctl: Runctl) -> None:
    toml(folder).write_text("grace = 1\n")
    for words, code in ((("init",), 3), (("init", "--yes"), 3), (("init", "--force"), 2)):
        assert runctl(*words).returncode == code
        assert toml(folder).read_text() == "grace = 1\n"
    assert runctl("init", "--force", "--yes").returncode == 0
    assert loads(toml(folder).read_text()) == {}


def test_init_does_not_write_through_a_link_or_over_a_directory(folder: Path, runctl: Runctl) -> None:
    toml(folder).symlink_to(folder / "elsewhere")
    assert runctl("init").returncode == 3
    assert not (folder / "elsewhere").exists()
    toml(folder).unlink()
    toml(folder).mkdir()
    assert runctl("init", "--force", "--yes").returncode == 2
    assert runctl("config", "set", "grace", "1").returncode == 2


def test_init_force_asks_nothing_where_there_is_no_file(folder: Path, runctl: Runctl) -> None:
    assert runctl("init", "--force").returncode == 0
    assert toml(folder).exists()
