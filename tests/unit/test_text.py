"""Text from anywhere, made safe to show; sizes, times and numbers for people."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runctl.core.text import duration, local_time, number, printable, size


@given(st.text(st.characters()))
def test_any_text_becomes_one_line_that_moves_no_cursor(text: str) -> None:
    shown = printable(text)
    assert len(f"{shown}.".splitlines()) == 1
    assert not any(ord(letter) < 32 or 0x7F <= ord(letter) < 0xA0 for letter in shown)
    shown.encode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("train.py", "train.py"),
        ("Größe 学习 🚀", "Größe 学习 🚀"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\x9b31m", "\\x9b31m"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\u2028", "\\u2028"),
        ("\udcff", "\\udcff"),
    ],
)
def test_what_could_deceive_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1536, "1.5 KiB"),
        (1 << 20, "1.0 MiB"),
        (2 << 30, "2.0 GiB"),
        (3 << 40, "3.0 TiB"),
        (5 << 50, "5120.0 TiB"),
    ],
)
def test_sizes_are_in_binary_units(count: int, text: str) -> None:
    assert size(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0s"),
        (0.44, "0.4s"),
        (9.94, "9.9s"),
        (42.9, "42s"),
        (60, "1m 00s"),
        (185, "3m 05s"),
        (3599.9, "59m 59s"),
        (3600, "1h 00m"),
        (8040, "2h 14m"),
        (86400, "1d 00h"),
        (273600, "3d 04h"),
    ],
)
def test_durations_have_two_units_at_most(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@given(st.floats(0, 1e9))
def test_a_duration_never_shows_sixty_of_a_unit(seconds: float) -> None:
    shown = duration(seconds)
    assert not re.search(r"\b60[sm]|\b24h", shown)
    assert shown != "10.0s"


def test_a_time_is_the_users_own() -> None:
    assert local_time(time.mktime((2026, 11, 23, 19, 30, 5, 0, 0, -1))) == "2026-11-23 19:30:05"


@pytest.mark.parametrize(
    ("value", "text"),
    [(3, "3"), (0.1 + 0.2, "0.3"), (1e-7, "1e-07"), (1234567.0, "1.23457e+06"), (float("nan"), "nan")],
)
def test_numbers_have_six_digits_at_most(value: float, text: str) -> None:
    assert number(value) == text
