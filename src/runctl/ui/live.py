"""A script's output on the screen, with a status below it where there is a terminal to hold one."""

from __future__ import annotations

import codecs
import os
import re
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from runctl.agent import protocol
from runctl.core.specs import RunState
from runctl.ui.cells import shortened, width
from runctl.ui.console import RED, YELLOW, coloured, encodable, paint
from runctl.ui.drawn import Drawn, uses_whole_screen
from runctl.ui.status import PLAIN, UNICODE, Glyphs, status_rows
from runctl.ui.transferred import Notes
from runctl.ui.watched import Watched

if TYPE_CHECKING:
    from rich.console import Console, Group
    from rich.live import Live

_APPEARS_AFTER_S = 0.5
_REFRESH_PER_S = 8
_NOT_COLOUR = re.compile(
    r"\x1b\[[0-9;?]*[@-ln-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[^\[\]]|[\x00-\x08\x0b-\x1a\x7f]"
)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Screen:
    """Shows the frames of one run. Use it as a context manager: leaving it takes the status away."""

    def __init__(self, show_output: bool = True) -> None:
        self._show_output = show_output
        self._status_wanted = show_output and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        # a status and output on one terminal must take turns; elsewhere output goes through untouched
        self._shared = self._status_wanted and sys.stdout.isatty()
        self._live: Live | None = None
        self._console: Console
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._drawn = Drawn()
        self._watched = Watched()
        self._notes = Notes()
        # the status appears after a moment, output or not, so that a short script is not slowed by it
        self._lock = threading.Lock()
        self._appearance = threading.Timer(_APPEARS_AFTER_S, self._appear)
        self._appearance.daemon = True

    @property
    def state(self) -> RunState | None:
        """The newest state; None before there was one."""
        return self._watched.state

    def __enter__(self) -> Screen:
        if self._status_wanted:
            self._appearance.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._appearance.cancel()
        with self._lock:
            self._status_wanted = False
            self._stop_status()
            below = len(self._drawn.rows()) - self._drawn.row
            if below > 0:
                sys.stdout.write("\n" * below)
                sys.stdout.flush()

    def show(self, frame: protocol.Frame) -> None:
        """Shows one frame."""
        with self._lock:
            self._show(frame)

    def note(self, text: str) -> None:
        """Prints a remark, above the status where there is one."""
        with self._lock:
            self._say(shortened(text, 500))

    def _show(self, frame: protocol.Frame) -> None:
        if frame.kind == "state":
            self._watched.set_state(frame.header["state"])
        elif frame.kind == "event":
            self._event(frame.header["event"])
        elif frame.kind == "output" and self._show_output:
            self._output(frame.payload)

    def _appear(self) -> None:
        with self._lock:
            if self._status_wanted:
                self._start_status()

    def _event(self, event: dict[str, Any]) -> None:
        if event["kind"] == "progress":
            self._watched.doing(event)
            if not self._status_wanted and self._show_output and self._notes.is_due(event):
                self._say(shortened(event["text"], 500))
        elif event["kind"] == "metric":
            self._watched.metric(event)
        elif event["kind"] in ("warning", "error"):
            word = paint(f"{event['kind']}:", RED if event["kind"] == "error" else YELLOW, sys.stderr)
            self._say(f"{word} {shortened(event['text'], 500)}")
            # where there is no status, what led to the error was printed line by line already
            for line in event.get("output", "").splitlines() if self._status_wanted else ():
                self._say(f"  {shortened(line, 500)}")
        elif event["kind"] == "phase" and "text" in event:
            self._say(shortened(event["text"], 500))

    def _say(self, line: str) -> None:
        if self._live:
            self._print(line + "\n")
        else:
            sys.stderr.write(line + "\n")
            sys.stderr.flush()

    def _output(self, data: bytes) -> None:
        lines: list[str] = []
        if self._shared:
            text = self._decoder.decode(data)
            if uses_whole_screen(text):
                # the script draws by itself: two that do would destroy each other's lines
                self._stop_status()
                self._status_wanted = self._shared = False
            else:
                lines = self._drawn.feed(text)
        if not (self._shared and self._live):
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        elif lines:
            self._print("".join(line + "\n" for line in lines))

    def _start_status(self) -> None:
        from rich.console import Console
        from rich.live import Live

        self._console = Console(file=sys.stderr, no_color=not coloured(sys.stderr), highlight=False, markup=False)
        rows = self._drawn.rows()
        if rows:
            # from here on the status shows the unfinished rows; they must not stand above it too
            up = sum(self._lines_of(row) for row in rows[: self._drawn.row + 1]) - 1
            sys.stdout.write((f"\x1b[{up}A" if up else "") + "\r\x1b[J")
            sys.stdout.flush()
        self._live = Live(
            console=self._console,
            get_renderable=self._status,
            refresh_per_second=_REFRESH_PER_S,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()

    def _lines_of(self, row: str) -> int:
        """How many lines of the terminal a row takes that is longer than it is wide."""
        return max(1, -(-width(_COLOUR.sub("", row)) // self._console.width))

    def _stop_status(self) -> None:
        if self._live is None:
            return
        self._live.stop()
        self._live = None
        rows = self._drawn.rows()
        if rows:
            back = len(rows) - 1 - self._drawn.row
            text = _NOT_COLOUR.sub("", "\n".join(rows)) + (f"\x1b[{back}A" if back else "")
            sys.stdout.buffer.write(text.encode())
            sys.stdout.buffer.flush()

    def _status(self) -> Group:
        from rich.console import Group
        from rich.text import Text

        cells, height = self._console.size
        rows = status_rows(self._watched, time.time(), cells - 1, self._glyphs())
        own = [Text.assemble(*row, no_wrap=True, overflow="crop") for row in rows]
        # on a low terminal the status goes first: the script's bars are nearer to its last lines
        bars = [row for row in self._drawn.rows() if row.strip()][-max(1, height - len(own) - 1) :]
        return Group(*(Text.from_ansi(row, no_wrap=True, overflow="crop") for row in bars), *own)

    def _glyphs(self) -> Glyphs:
        return UNICODE if encodable("".join(UNICODE), sys.stderr) else PLAIN

    def _print(self, text: str) -> None:
        # not cropped: a line that is wider than the terminal goes on in the next one, as without a status
        self._console.print(_Raw(_NOT_COLOUR.sub("", text)), end="", crop=False)


class _Raw:
    """Text for a rich console that is to reach the terminal as it is, its colours included."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __rich_console__(self, console: Any, options: Any) -> Any:
        from rich.segment import Segment

        yield Segment(self._text)
