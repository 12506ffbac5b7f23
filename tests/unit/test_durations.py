"""Lengths of time as people write them."""

from __future__ import annotations

import pytest

from runctl.core.durations import parse_duration
from runctl.core.errors import UsageError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("90s", 90),
        ("10m", 600),
        ("2h", 7200),
        ("1d", 86400),
        ("1.5h", 5400),
        ("0", 0),
        (" 3 M ", 180),
        ("999999999999", 999999999999),
    ],
)
def test_seconds_minutes_hours_and_days(text: str, seconds: float) -> None:
    assert parse_duration(text, "--since") == seconds


@pytest.mark.parametrize("text", ["", "m", "-5", "5x", "1h30m", "1e3", "inf", "nan", ".5", "5.", "٣", "1" * 13, "\x1b"])
def test_anything_else_is_refused_and_named(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_duration(text, "--since")
    assert caught.value.message.startswith("--since: ")
    assert "\x1b" not in caught.value.message
    assert "10m" in str(caught.value.hint)
