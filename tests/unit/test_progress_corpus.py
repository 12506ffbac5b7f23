"""Every log of the corpus, read as the supervisor reads it, and compared with what its neighbour says is in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from runctl.agent import protocol
from runctl.agent.progress.detector import Detector

CORPUS = Path(__file__).parents[1] / "corpus" / "logs"
LOGS = sorted(CORPUS.glob("*.log"))
NOTHING = sorted((CORPUS / "nothing").glob("*.log"))


def read(log: Path, piece: int) -> list[dict[str, Any]]:
    """What is found in a log that comes in pieces of this size."""
    detector = Detector()
    data = log.read_bytes()
    pieces = [data[start : start + piece] for start in range(0, len(data), piece)]
    return [one.fields for part in pieces for one in detector.feed(part)] + [one.fields for one in detector.finish()]


def points(found: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Every metric's points: value and position."""
    by_name: dict[str, list[dict[str, Any]]] = {}
    for fields in found:
        for name, value in fields["values"].items():
            by_name.setdefault(name, []).append({**fields, "value": float(value)})
    return by_name


def test_there_are_enough_logs() -> None:
    assert len(LOGS) >= 40
    assert len(NOTHING) >= 20
    assert all(log.with_suffix(".json").exists() for log in LOGS)


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.stem)
def test_a_log_yields_its_metrics_and_its_position_and_nothing_else(log: Path) -> None:
    expected = json.loads(log.with_suffix(".json").read_text())
    found = read(log, 1 << 16)
    by_name = points(found)

    also = expected.get("also", {})
    for name, value in expected["metrics"].items():
        assert name in by_name
        assert by_name[name][-1]["value"] in (pytest.approx(float(value), nan_ok=True), also.get(name))
    assert set(by_name) <= {*expected["metrics"], *expected.get("optional", [])}
    assert {name: len(by_name[name]) for name in expected.get("points", {})} == expected.get("points", {})
    for name, first in expected.get("first", {}).items():
        assert {key: by_name[name][0].get(key) for key in first} == first
    position: dict[str, Any] = {}
    for fields in found:
        position.update({name: fields[name] for name in protocol.POSITION if name in fields})
    assert {name: position.get(name) for name in expected["position"]} == expected["position"]


@pytest.mark.parametrize("log", NOTHING, ids=lambda log: log.stem)
def test_a_log_without_metrics_and_progress_yields_nothing(log: Path) -> None:
    assert read(log, 1 << 16) == []


@pytest.mark.parametrize("log", LOGS + NOTHING, ids=lambda log: log.stem)
def test_how_the_output_is_cut_changes_nothing(log: Path) -> None:
    whole = read(log, 1 << 30)
    assert read(log, 4096) == whole
    assert read(log, 61) == whole
