"""Ids of runs: sorted by time, safe everywhere, hardly ever the same."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runctl.core.run_ids import is_run_id, new_run_id


def id_at(monkeypatch: pytest.MonkeyPatch, now: float) -> str:
    monkeypatch.setattr(time, "time", lambda: now)
    return new_run_id()


def test_an_id_is_short_and_safe_in_names_tags_and_keys() -> None:
    assert re.fullmatch(r"[0-9a-z]{7}-[0-9a-z]{5}", new_run_id())
    assert is_run_id(new_run_id())


def test_ids_sort_as_their_runs_were_started_also_within_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    times = [0.0, 1.6e9, 1.7e9, 1.7e9 + 0.002, 1.7e9 + 0.5, 1.7e9 + 0.998, 1.7e9 + 1, 1.8e9, 3.2e10]
    ids = [id_at(monkeypatch, now) for now in times]
    assert sorted(ids) == ids
    assert len(set(ids)) == len(ids)


def test_ids_of_one_moment_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len({id_at(monkeypatch, 1.7e9) for _ in range(20)}) >= 19


def test_a_clock_before_2020_still_gives_an_id(monkeypatch: pytest.MonkeyPatch) -> None:
    assert id_at(monkeypatch, 0).startswith("0000000-")


SPOOFED = ["../../etc-pass", "0gydk2w-7hx3\n", "０gydk2w-7hx3m"]


@pytest.mark.parametrize(
    "text",
    ["", "-", "0gydk2w", "0gydk2w-7hx3", "0gydk2w-7hx3mm", "0gydk2w_7hx3m", "0GYDK2W-7HX3M", "0gydk2w-7hx3i", *SPOOFED],
)
def test_what_is_no_id_is_not_taken_for_one(text: str) -> None:
    assert not is_run_id(text)


@given(st.floats(0, 3.5e10))
def test_an_id_of_any_time_is_an_id(now: float) -> None:
    with pytest.MonkeyPatch.context() as patch:
        assert is_run_id(id_at(patch, now))
