"""Output that nobody meant to be read: whatever comes, reading it ends, costs little, and invents nothing."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runctl.agent.progress.detector import Detector

WORDS = [b"epoch ", b"step ", b"loss", b"it/s", b" [00:01<", b"1", b"0.5", b"1e9", b"-3", b"nan", b"1,234"]
MARKS = [b"=", b": ", b"/", b"[", b"]", b"{", b"}", b"'", b'"', b"|", b"%|", b",", b"  ", b"\t"]
ENDINGS = [b"\n", b"\r", b"\b", b"\x1b[A", b"\xff", b"\0"]
LINES = [b"epoch train_loss valid_loss\n", b"***** eval metrics *****\n", b"| rollout/ | |\n", "━━━━━ ".encode()]
FRAGMENTS = st.sampled_from(WORDS + MARKS + ENDINGS + LINES)
OUTPUT = st.lists(st.one_of(FRAGMENTS, st.binary(max_size=6)), max_size=60).map(b"".join)

OVERLONG = {
    "digits": b"loss 1" + b"1" * 5000,
    "words": b"epoch ",
    "brackets": b"loss {[{'(\"",
    "returns": b"\r",
    "backspaces": b"\b",
    "escapes": b"\x1b[",
    "pairs": b"step1 loss = ",
}


def read(output: bytes, piece: int) -> list[dict[str, Any]]:
    detector = Detector()
    parts = [output[start : start + piece] for start in range(0, len(output), piece)]
    found = [one for part in parts for one in detector.feed(part)]
    return [one.fields for one in (*found, *detector.finish())]


@settings(max_examples=250)
@given(OUTPUT, st.integers(1, 40))
def test_any_bytes_yield_clean_metrics_however_they_are_cut(output: bytes, piece: int) -> None:
    found = read(output, 1 << 20)
    assert read(output, piece) == found
    for fields in found:
        json.dumps(fields, allow_nan=False)
        assert fields["output"] <= len(output) + 1
        for name, value in fields["values"].items():
            assert 0 < len(name) <= 64
            assert name == name.lower().strip()
            assert name.isprintable()
            assert (
                math.isfinite(value) if isinstance(value, float) else value in ("NaN", "Infinity", "-Infinity") or value
            )
        for name in ("step", "epoch", "total_steps", "total_epochs"):
            assert 0 <= fields.get(name, 0) < 1e13


NAMES = st.sampled_from(["step", "epoch", "total_steps", "loss", "val_loss", "iter", "²", "lr", "metrics"])
VALUES = (
    st.floats() | st.integers() | st.text(max_size=5) | st.none() | st.dictionaries(st.text(max_size=3), st.floats())
)


@given(st.dictionaries(NAMES, VALUES))
def test_any_dictionary_yields_strict_json_and_a_sensible_position(document: dict[str, Any]) -> None:
    for text in (json.dumps(document), str(document), json.dumps(document, ensure_ascii=False)):
        for fields in read(text.encode("utf-8", "replace") + b"\n", 1 << 20):
            json.dumps(fields, allow_nan=False)
            assert all(0 <= fields.get(name, 0) <= 1e12 for name in ("step", "epoch", "total_steps", "total_epochs"))


@given(st.text(alphabet="0123456789.eEn_-a|/ ²٣", max_size=12))
def test_any_text_in_the_place_of_a_number_does_no_harm(text: str) -> None:
    box = f"| rollout/ | |\n| loss | {text} |\n| time/ | |\n| total_timesteps | {text} |\n---------\n"
    table = f"epoch train_loss valid_loss\n{text} {text} {text}\n"
    for output in (
        box,
        table,
        f"step {text} loss {text}\n",
        f'{{"step": {text}, "loss": {text}}}\n',
        f"Epoch {text}/{text}",
    ):
        for fields in read(output.encode(), 1 << 20):
            json.dumps(fields, allow_nan=False)


@given(st.lists(st.floats(0, 10), min_size=1, max_size=20))
def test_every_loss_that_is_printed_is_read(losses: list[float]) -> None:
    output = "".join(f"step {step} loss {loss!r}\n" for step, loss in enumerate(losses))
    assert [(fields["step"], fields["values"]["loss"]) for fields in read(output.encode(), 7)] == list(
        enumerate(losses)
    )


@pytest.mark.parametrize("name", OVERLONG)
def test_of_a_line_of_ten_megabytes_its_beginning_is_looked_at(name: str) -> None:
    line = OVERLONG[name] * ((10 << 20) // len(OVERLONG[name]))
    detector = Detector()
    for start in range(0, len(line), 1 << 14):
        list(detector.feed(line[start : start + (1 << 14)]))
    list(detector.feed(b"\n"))
    assert detector.examined <= 4096
    found = list(detector.feed(b"step 3 loss 0.5\n"))
    assert [(one.fields["step"], one.fields["values"], one.fields["output"]) for one in found] == [
        (3, {"loss": 0.5}, len(line) + 17)
    ]


def test_lines_without_a_word_of_training_are_not_looked_at() -> None:
    detector = Detector()
    assert list(detector.feed(b"2024-01-01 12:00:00 worker 3 wrote 12345 rows to /data/part-00012\n" * 10_000)) == []
    assert detector.examined == 0
