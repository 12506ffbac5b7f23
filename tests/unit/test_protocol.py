"""The frames of the follow stream, and the names that client and agent share."""

from __future__ import annotations

import io
import signal

from hypothesis import given
from hypothesis import strategies as st

from runctl.agent import protocol
from runctl.agent.protocol import Frame, header, read_frames, signal_name
from runctl.core.specs import EXIT_CODES

TEXTS = st.text(max_size=10)
FRAMES = st.lists(
    st.tuples(st.sampled_from(["event", "state", "end"]), TEXTS) | st.tuples(st.just("output"), st.binary(max_size=50)),
    max_size=8,
)


def stream_of(frames: list[tuple[str, str | bytes]]) -> bytes:
    data = b""
    for kind, content in frames:
        if isinstance(content, bytes):
            data += header(kind, size=len(content)) + content
        else:
            data += header(kind, text=content)
    return data


def contents(frame: Frame) -> tuple[str, str | bytes]:
    return frame.kind, frame.payload if frame.kind == "output" else frame.header["text"]


@given(FRAMES)
def test_frames_are_read_as_they_were_written(frames: list[tuple[str, str | bytes]]) -> None:
    assert [contents(frame) for frame in read_frames(io.BytesIO(stream_of(frames)))] == frames


@given(FRAMES, st.integers(0, 400))
def test_a_connection_lost_anywhere_costs_only_the_frame_it_cut(
    frames: list[tuple[str, str | bytes]], cut: int
) -> None:
    read = [contents(frame) for frame in read_frames(io.BytesIO(stream_of(frames)[:cut]))]
    assert read == frames[: len(read)]


def test_output_that_looks_like_a_frame_stays_output() -> None:
    payload = header("end") + b"\xff\0\n"
    frames = list(read_frames(io.BytesIO(header("output", size=len(payload)) + payload + header("end"))))
    assert [frame.kind for frame in frames] == ["output", "end"]
    assert frames[0].payload == payload


def test_a_signal_is_called_by_its_name() -> None:
    assert signal_name(15) == "SIGTERM"
    assert signal_name(signal.SIGRTMIN + 2) == f"SIG{signal.SIGRTMIN + 2}"


def test_every_outcome_has_an_exit_code_of_its_own() -> None:
    assert set(EXIT_CODES) == set(protocol.OUTCOMES)
    assert len(set(EXIT_CODES.values())) == len(EXIT_CODES)
    assert EXIT_CODES[protocol.SUCCEEDED] == 0
