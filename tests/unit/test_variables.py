"""Environment variables for a script: from options, from files, and secret ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from runctl.core.errors import NotFoundError, RunctlError, UsageError
from runctl.core.variables import parse_secrets, parse_variables, read_env_file


def test_a_value_is_taken_as_it_is() -> None:
    given = ["A=1", "EMPTY=", "B=x=y", "C= spaces ", "D='quoted'", "E=a\nb", "F=Größe", "_g1=z"]
    assert parse_variables(given) == {
        "A": "1",
        "EMPTY": "",
        "B": "x=y",
        "C": " spaces ",
        "D": "'quoted'",
        "E": "a\nb",
        "F": "Größe",
        "_g1": "z",
    }


def test_the_last_of_two_wins() -> None:
    assert parse_variables(["A=1", "A=2"]) == {"A": "2"}


def test_a_bare_key_takes_its_value_from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "from here")
    assert parse_variables(["TOKEN"]) == {"TOKEN": "from here"}
    monkeypatch.delenv("TOKEN")
    with pytest.raises(UsageError, match="there is no variable TOKEN in your environment") as caught:
        parse_variables(["TOKEN"])
    assert caught.value.hint == "set it, or write TOKEN=VALUE"


@pytest.mark.parametrize("item", ["=x", "1A=x", "A B=x", "A-B=x", "Ä=x", "", "A\n=x", "\x1b[1m=x"])
def test_a_name_that_is_none_is_refused(item: str) -> None:
    with pytest.raises(UsageError, match="is not a variable's name") as caught:
        parse_variables([item])
    assert "\x1b" not in caught.value.message
    assert "\n" not in caught.value.message


def test_a_value_that_no_environment_can_hold_is_refused() -> None:
    with pytest.raises(UsageError, match="NUL"):
        parse_variables(["A=\0"])


def test_a_secret_is_given_by_name_by_file_or_by_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "from here")
    file = tmp_path / "key file"
    file.write_text("from a file\n\n")
    assert parse_secrets(["TOKEN", f"KEY=@{file}", "PLAIN=value", "AT="]) == {
        "TOKEN": "from here",
        "KEY": "from a file\n",
        "PLAIN": "value",
        "AT": "",
    }


@pytest.mark.parametrize("item", ["1A=hunter2", "=hunter2", "A-B=hunter2", "A=hunter2\0", "1A=@hunter2"])
def test_no_message_shows_a_secrets_value(item: str) -> None:
    with pytest.raises(RunctlError) as caught:
        parse_secrets([item])
    assert "hunter2" not in caught.value.message + str(caught.value.hint)


def test_a_secrets_file_must_be_a_text_that_is_there(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="there is no file"):
        parse_secrets([f"A=@{tmp_path / 'none'}"])
    with pytest.raises(UsageError, match="Is a directory"):
        parse_secrets([f"A=@{tmp_path}"])
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="not UTF-8"):
        parse_secrets([f"A=@{tmp_path / 'binary'}"])


def test_a_secrets_file_may_not_hold_what_no_environment_can(tmp_path: Path) -> None:
    (tmp_path / "nul").write_bytes(b"hunter2\0")
    with pytest.raises(UsageError, match="NUL") as caught:
        parse_secrets([f"A=@{tmp_path / 'nul'}"])
    assert "hunter2" not in caught.value.message


def test_a_file_of_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BARE", "from here")
    file = tmp_path / ".env"
    file.write_text("# comment\n\nA=1\n export B=2\nC='a b'\nD=\"#\"\nE=it's\nF='\n  BARE\nG=$A\nH=\nI=x # y\n")
    assert read_env_file(file) == {
        "A": "1",
        "B": "2",
        "C": "a b",
        "D": "#",
        "E": "it's",
        "F": "'",
        "BARE": "from here",
        "G": "$A",
        "H": "",
        "I": "x # y",
    }


def test_a_file_from_windows_is_read_too(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(b"\xef\xbb\xbfA=1\r\nB='2'\r\n")
    assert read_env_file(file) == {"A": "1", "B": "2"}


def test_a_value_with_a_line_separator_stays_one_value(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("A=x\u2028y\x0cz\nB=2\n")
    assert read_env_file(file) == {"A": "x\u2028y\x0cz", "B": "2"}


def test_a_wrong_line_is_named_with_file_and_number(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("A=1\n\n1B=2\n")
    with pytest.raises(UsageError, match=r"\.env:3: '1B' is not a variable's name"):
        read_env_file(file)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="there is no env file"):
        read_env_file(tmp_path / "none")
    with pytest.raises(UsageError, match="Is a directory"):
        read_env_file(tmp_path)
    (tmp_path / "binary").write_bytes(b"\xff")
    with pytest.raises(UsageError, match="not UTF-8"):
        read_env_file(tmp_path / "binary")
