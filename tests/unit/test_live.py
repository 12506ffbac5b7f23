"""The live view, as a terminal shows it; and what reaches a file instead of one."""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import pty
import re
import select
import struct
import sys
import termios
import time
import tty
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runctl.agent.protocol import Frame
from runctl.ui import live
from runctl.ui.drawn import Drawn
from runctl.ui.live import Screen

WIDTH, HEIGHT = 100, 24
ESCAPE = re.compile(r"\x1b(?:\[([0-9;?]*)([A-Za-z])|[78M])|(\r)|(\n)|([^\x1b\r\n]+)")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
PATIENCE_S = 10.0
RUN = "0gydk2w-7hx3m"


class Terminal:
    """A pseudo-terminal, and what stands on it: enough of a VT100 for what the live view sends."""

    def __init__(self, width: int = WIDTH, encoding: str = "utf-8") -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, width, 0, 0))
        tty.setraw(slave)
        self.stream = os.fdopen(slave, "w", buffering=1, encoding=encoding, errors="backslashreplace", newline="")
        self.sent = b""

    @contextlib.contextmanager
    def screen(self) -> Iterator[Screen]:
        """A live view with stdout and stderr on this terminal."""
        with contextlib.redirect_stdout(self.stream), contextlib.redirect_stderr(self.stream), Screen() as screen:
            yield screen

    def read(self) -> str:
        """Everything that was sent so far, and is there to be read."""
        self.stream.flush()
        while select.select([self._master], [], [], 0)[0]:
            self.sent += os.read(self._master, 1 << 16)
        return self.sent.decode()

    def wait_for(self, text: str) -> None:
        """Waits until `text` was sent."""
        deadline = time.monotonic() + PATIENCE_S
        while text not in COLOUR.sub("", self.read()):
            left = deadline - time.monotonic()
            assert left > 0, f"{text!r} never came: {self.sent[-500:]!r}"
            select.select([self._master], [], [], left)

    def rows(self) -> list[str]:
        """The rows that people see, less empty ones at the end."""
        rows, row, column = [""], 0, 0
        for match in ESCAPE.finditer(self.read()):
            number, letter, back, down, text = match.groups()
            if letter == "A":
                row = max(0, row - int(number or 1))
            elif letter == "K":
                rows[row] = "" if number == "2" else rows[row][:column]
            elif letter == "J":
                rows[row:] = [rows[row][:column]]
            elif letter in ("m", "h", "l"):
                pass
            elif back:
                column = 0
            elif down:
                # raw mode: the line discipline adds no carriage return, but each program here counts on one
                row, column = row + 1, 0
                rows += [""] * (row + 1 - len(rows))
            elif text:
                rows[row] = (rows[row].ljust(column)[:column] + text + rows[row][column + len(text) :]).rstrip(" ")
                column += len(text)
            else:
                raise AssertionError(f"the live view sent {match[0]!r}")
        while rows and not rows[-1].strip():
            rows.pop()
        return rows


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The status appears without delay."""
    monkeypatch.setattr(live, "_APPEARS_AFTER_S", 0.0)
    monkeypatch.setenv("TERM", "xterm")


@pytest.fixture
def terminal(at_once: None) -> Iterator[Terminal]:
    """An empty terminal."""
    made = Terminal()
    yield made
    made.stream.close()


def state(**fields: Any) -> Frame:
    values: dict[str, Any] = {
        "schema": 1,
        "run_id": RUN,
        "script": "train.py",
        "attempt": 1,
        "phase": "running",
        **dict.fromkeys(("outcome", "reason", "exit_code", "signal", "ended_at", "duration_s", "process")),
        "created_at": 0.0,
        "started_at": time.time(),
        "heartbeat_at": 0.0,
        "cost_usd": 0.0,
        "position": {},
        "metrics": {},
        **fields,
    }
    return Frame("state", {"state": values}, b"")


def event(kind: str, **fields: Any) -> Frame:
    return Frame("event", {"event": {"n": 1, "at": 0.0, "kind": kind, **fields}}, b"")


def output(data: bytes) -> Frame:
    return Frame("output", {"size": len(data)}, data)


def test_output_stands_above_the_status_and_the_status_goes_away(terminal: Terminal) -> None:
    with terminal.screen() as screen:
        screen.show(state())
        terminal.wait_for(RUN)
        screen.show(output(b"epoch 1\nepoch 2\n"))
        screen.show(event("metric", values={"loss": 0.5}, step=3, total_steps=12))
        terminal.wait_for("loss 0.5")
        rows = terminal.rows()
        assert rows[:2] == ["epoch 1", "epoch 2"]
        assert RUN in rows[2]
        assert rows[3] == "━━━━━━━───────────────────────  25%"
        assert rows[4] == "loss 0.5"
        screen.show(output(b"done\n"))
    assert terminal.rows() == ["epoch 1", "epoch 2", "done"]


def test_a_line_wider_than_the_terminal_is_there_whole(terminal: Terminal) -> None:
    with terminal.screen() as screen:
        screen.show(state())
        terminal.wait_for(RUN)
        screen.show(output(b"x" * 3 * WIDTH + b"end\n"))
    assert "x" * 3 * WIDTH + "end\n" in terminal.read()


def test_a_line_that_is_not_finished_is_seen_and_stands_there_once(terminal: Terminal) -> None:
    with terminal.screen() as screen:
        screen.show(state())
        terminal.wait_for(RUN)
        screen.show(output("training … 50%".encode()))
        terminal.wait_for("training … 50%")
        screen.show(output(b" 100%\nnext"))
        terminal.wait_for("next")
    assert terminal.rows() == ["training … 50% 100%", "next"]


def test_a_line_begun_before_the_status_appears_stands_there_once(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_APPEARS_AFTER_S", 0.3)
    with terminal.screen() as screen:
        screen.show(state())
        screen.show(output(b"one\nloading"))
        terminal.wait_for(RUN)
        screen.show(output(b" done\n"))
    assert terminal.rows() == ["one", "loading done"]


def test_a_progress_bar_drawn_with_carriage_returns_shows_its_newest_state(terminal: Terminal) -> None:
    with terminal.screen() as screen:
        screen.show(state())
        terminal.wait_for(RUN)
        screen.show(output(b"\r 10%|#    |\r 50%|##   |"))
        terminal.wait_for(" 50%|##   |")
        screen.show(output(b"\r100%|#####|\n"))
    assert terminal.rows() == ["100%|#####|"]


# what tqdm 4.70.1 printed into a file, as it is:
#   for epoch in tqdm(range(2), desc="epoch"):
#       for batch in tqdm(range(3), desc="batch", leave=False): time.sleep(0.15)
NESTED_BARS = (
    "\repoch:   0%|          | 0/2 [00:00<?, ?it/s]\n"
    "\rbatch:   0%|          | 0/3 [00:00<?, ?it/s]\x1b[A\n"
    "\rbatch:  33%|\u2588\u2588\u2588\u258e      | 1/3 [00:00<00:00,  6.66it/s]\x1b[A\n"
    "\rbatch:  67%|\u2588\u2588\u2588\u2588\u2588\u2588\u258b   | 2/3 [00:00<00:00,  6.58it/s]\x1b[A\n"
    "\rbatch: 100%|\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588| 3/3 [00:00<00:00,  6.61it/s]\x1b[A\n"
    "\r                                                    \x1b[A"
    "\repoch:  50%|\u2588\u2588\u2588\u2588\u2588     | 1/2 [00:00<00:00,  2.20it/s]\n"
    "\rbatch:   0%|          | 0/3 [00:00<?, ?it/s]\x1b[A\n"
    "\rbatch:  33%|\u2588\u2588\u2588\u258e      | 1/3 [00:00<00:00,  6.66it/s]\x1b[A\n"
    "\rbatch:  67%|\u2588\u2588\u2588\u2588\u2588\u2588\u258b   | 2/3 [00:00<00:00,  6.65it/s]\x1b[A\n"
    "\rbatch: 100%|\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588| 3/3 [00:00<00:00,  6.65it/s]\x1b[A\n"
    "\r                                                    \x1b[A"
    "\repoch: 100%|\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588| 2/2 [00:00<00:00,  2.21it/s]"
    "\repoch: 100%|\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588| 2/2 [00:00<00:00,  2.21it/s]"
    "\n"
).encode()


def test_nested_bars_stand_together_above_the_status(terminal: Terminal) -> None:
    with terminal.screen() as screen:
        screen.show(state())
        terminal.wait_for(RUN)
        screen.show(output(b"begin\n"))
        middle = NESTED_BARS.index(b"batch:  67%")
        screen.show(output(NESTED_BARS[: middle + 40]))
        terminal.wait_for("67%")
        begin, epoch, batch, status = terminal.rows()
        assert begin == "begin"
        assert epoch.startswith("epoch:   0%|")
        assert batch.startswith("batch:  67%|")
        assert status.startswith(RUN)
        screen.show(output(NESTED_BARS[middle + 40 :] + b"over\n"))
        terminal.wait_for("over")
    assert [row[:11] for row in terminal.rows()] == ["begin", "epoch: 100%", "over"]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 10_000])
def test_nested_bars_are_drawn_alike_however_they_arrive(size: int) -> None:
    drawn, finished = Drawn(), []
    text = NESTED_BARS.decode()
    for begin in range(0, len(text), size):
        finished += drawn.feed(text[begin : begin + size])
    shown = [row[:11] for row in finished + drawn.rows() if row.strip()]
    # cut at the very first cursor-up, one row is finished too early: nobody can know before
    assert shown in (["epoch: 100%"], ["epoch:   0%", "epoch: 100%"])


def test_bars_begun_before_the_status_appears_are_not_there_twice(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_APPEARS_AFTER_S", 0.3)
    with terminal.screen() as screen:
        screen.show(state())
        screen.show(output(NESTED_BARS[: NESTED_BARS.index(b"batch:  67%")]))
        terminal.wait_for(RUN)
        assert [row[:6] for row in terminal.rows()] == ["epoch:", "batch:", RUN[:6]]
        screen.show(output(NESTED_BARS[NESTED_BARS.index(b"batch:  67%") :]))
    assert [row[:11] for row in terminal.rows()] == ["epoch: 100%"]


def test_rows_drawn_again_as_a_block_are_there_once() -> None:
    drawn = Drawn()
    finished = drawn.feed("head\na 1\nb 1\n")
    finished += drawn.feed("\x1b[2A\x1b[2Ka 2\n\x1b[2Kb 2\n")
    finished += drawn.feed("\x1b[2A\x1b[2Ka 3\n\x1b[2Kb 3\n")
    assert finished == ["head", "a 1", "b 1"], "only what came before the first move up is there twice"
    assert drawn.rows() == ["a 3", "b 3", ""]


@given(st.text(st.sampled_from("ab\r\n\x1b[A2K"), max_size=200), st.integers(1, 9))
def test_whatever_is_drawn_the_rows_stay_few_and_lines_are_kept(text: str, size: int) -> None:
    drawn = Drawn()
    for begin in range(0, len(text), size):
        for row in drawn.feed(text[begin : begin + size]):
            assert "\n" not in row
            assert "\r" not in row
    assert len(drawn.rows()) <= 50
    assert 0 <= drawn.row < 50


def test_a_line_without_end_does_not_fill_the_memory() -> None:
    drawn = Drawn()
    finished = sum(len(line) for _ in range(100) for line in drawn.feed("x" * 10_000))
    assert finished + sum(map(len, drawn.rows())) == 1_000_000
    assert sum(map(len, drawn.rows())) <= 100_000


def test_a_thousand_metrics_a_second_are_drawn_a_few_times_a_second(terminal: Terminal) -> None:
    with terminal.screen() as screen:
        screen.show(state())
        terminal.wait_for(RUN)
        before = len(terminal.read())
        for step in range(20_000):
            screen.show(event("metric", values={"loss": 1 / (step + 1)}, step=step, total_steps=20_000))
        terminal.wait_for("step 19999/20000")
        drawn = terminal.read()[before:].count(RUN)
    # at 1,000 a second they would take 20 s, in which a status is drawn 160 times
    assert drawn < 160


def test_an_ascii_terminal_gets_an_ascii_status(at_once: None) -> None:
    terminal = Terminal(encoding="ascii")
    with terminal.screen() as screen:
        screen.show(state())
        for step in range(5):
            screen.show(event("metric", values={"loss": 1.0 + step}, step=step, total_steps=10))
        terminal.wait_for("####")
        terminal.wait_for("loss 5 _")
        screen.show(output("bär".encode()))
    assert "━" not in terminal.read()
    terminal.stream.close()


@pytest.mark.parametrize("width", [40, 80])
def test_thirty_metrics_leave_a_narrow_terminal_readable(
    at_once: None, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    terminal = Terminal(width=width)
    with terminal.screen() as screen:
        screen.show(state())
        values = {"loss": 0.25, **{f"validation/metric_{index}": index for index in range(30)}}
        screen.show(event("metric", values=values, step=3, total_steps=12, epoch=1))
        terminal.wait_for("more")
        rows = terminal.rows()
        assert max(map(len, rows)) < width
        assert len(rows) <= 6
        assert any("loss 0.25" in row for row in rows)
        assert rows[-1].endswith("more")
        screen.show(output(b"epoch 1\n"))
    assert terminal.rows() == ["epoch 1"]
    terminal.stream.close()


def test_a_short_run_is_finished_before_any_status_appears(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_APPEARS_AFTER_S", 60.0)
    with terminal.screen() as screen:
        screen.show(state())
        screen.show(output(b"hello\n"))
    assert terminal.read() == "hello\n"


def test_warnings_and_errors_stand_above_the_status_with_hostile_text_escaped(terminal: Terminal) -> None:
    with terminal.screen() as screen:
        screen.show(state())
        terminal.wait_for(RUN)
        screen.show(event("warning", text="odd \x1b[2Jname"))
        screen.show(event("error", text="no room", output="line \x07one\nline two\n"))
    assert terminal.rows() == ["warning: odd \\x1b[2Jname", "error: no room", "  line \\x07one", "  line two"]


def test_a_scripts_colours_reach_the_terminal_and_its_window_titles_do_not(terminal: Terminal) -> None:
    with terminal.screen() as screen:
        screen.show(state())
        terminal.wait_for(RUN)
        screen.show(output(b"\x1b[31mred\x1b[0m \x1b]0;title\x07\x07plain\n"))
    assert "\x1b[31mred\x1b[0m plain\n" in terminal.read()


def test_a_character_cut_in_two_between_frames_is_whole_on_the_screen(terminal: Terminal) -> None:
    euro = "€uro\n".encode()
    with terminal.screen() as screen:
        screen.show(state())
        terminal.wait_for(RUN)
        screen.show(output(euro[:2]))
        screen.show(output(euro[2:]))
    assert terminal.rows() == ["€uro"]


@pytest.mark.parametrize("drawing", [b"\x1b[23A", b"\x1b[?1049h", b"\x1b[H", b"\x1b[2;3f", b"\x1b7"])
def test_a_script_that_moves_the_cursor_has_the_terminal_to_itself(terminal: Terminal, drawing: bytes) -> None:
    with terminal.screen() as screen:
        screen.show(state())
        terminal.wait_for(RUN)
        screen.show(output(drawing + b"drawn\n"))
        before = len(terminal.read())
        screen.show(event("metric", values={"loss": 0.5}))
        screen.show(output(b"more\n"))
    assert drawing.decode() + "drawn\n" in terminal.read()
    assert terminal.read()[before:] == "more\n"


def test_no_color_gives_a_status_without_colour(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    with terminal.screen() as screen:
        screen.show(state(position={"step": 1, "total_steps": 2}))
        terminal.wait_for("50%")
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", terminal.read())


def test_a_dumb_terminal_gets_lines_alone(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    with terminal.screen() as screen:
        screen.show(state())
        screen.show(output(b"hello\n"))
        screen.show(event("warning", text="careful"))
    assert terminal.read() == "hello\nwarning: careful\n"


class Redirected:
    """stdout and stderr as files that are no terminals."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._files = [folder / "stdout", folder / "stderr"]
        self._streams = [io.TextIOWrapper(path.open("wb"), encoding="utf-8") for path in self._files]
        monkeypatch.setattr(sys, "stdout", self._streams[0])
        monkeypatch.setattr(sys, "stderr", self._streams[1])

    def close(self) -> tuple[bytes, bytes]:
        """What was written to each."""
        for stream in self._streams:
            stream.close()
        return self._files[0].read_bytes(), self._files[1].read_bytes()


BYTES = b"\xff\x00\r\n\x1b[2Jpartial \xe2\x82"


def test_redirected_output_keeps_every_byte_and_nothing_is_added(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: None
) -> None:
    redirected = Redirected(tmp_path, monkeypatch)
    with Screen() as screen:
        screen.show(state())
        screen.show(event("progress", text="installing torch"))
        screen.show(output(BYTES))
        screen.show(event("metric", values={"loss": 1.0}))
        screen.show(output(BYTES))
    stdout, stderr = redirected.close()
    assert stdout == BYTES * 2
    assert stderr == b"installing torch\n"


def test_with_stdout_redirected_the_status_is_on_stderr_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: None
) -> None:
    terminal = Terminal()
    redirected = Redirected(tmp_path, monkeypatch)
    monkeypatch.setattr(sys, "stderr", terminal.stream)
    with Screen() as screen:
        screen.show(state())
        terminal.wait_for(RUN)
        screen.show(output(BYTES))
    assert redirected.close()[0] == BYTES
    assert terminal.rows() == []
    terminal.stream.close()


def test_without_output_nothing_but_the_warnings_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: None
) -> None:
    redirected = Redirected(tmp_path, monkeypatch)
    with Screen(show_output=False) as screen:
        screen.show(state())
        screen.show(event("progress", text="installing torch"))
        screen.show(output(b"hello\n"))
        screen.show(event("warning", text="careful"))
    assert redirected.close() == (b"", b"warning: careful\n")
    assert screen.state is not None
    assert screen.state.run_id == RUN


def test_the_newest_metrics_are_in_the_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: None) -> None:
    redirected = Redirected(tmp_path, monkeypatch)
    show: Callable[[Frame], None]
    with Screen() as screen:
        show = screen.show
        show(event("metric", values={"early": 1}))
        show(state(metrics={"loss": 2.0}))
        show(event("metric", values={"loss": 1.0, "lr": "NaN"}, step=4))
    redirected.close()
    assert screen.state is not None
    assert screen.state.metrics["loss"] == 1.0
    assert screen.state.position == {"step": 4}
