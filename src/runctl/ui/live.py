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
from runctl.ui.console import coloured
from runctl.ui.views import shortened, status_rows

if TYPE_CHECKING:
    from rich.console import Console, Group
    from rich.live import Live

_APPEARS_AFTER_S = 0.5
_REFRESH_PER_S = 8
_LONGEST_PARTIAL = 1 << 16
_MOVES_CURSOR = re.compile(rb"\x1b\[[0-9;]*[A-Hfsu]|\x1b[78M]|\x1b\[\?1049")
_NOT_COLOUR = re.compile(
    r"\x1b\[[0-9;?]*[@-ln-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[^\[\]]|[\x00-\x08\x0b-\x1a\x7f]"
)


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
        self._partial = ""
        self._activity = ""
        # the status appears after a moment, output or not, so that a short script is not slowed by it
        self._lock = threading.Lock()
        self._appearance = threading.Timer(_APPEARS_AFTER_S, self._appear)
        self._appearance.daemon = True
        self.state: RunState | None = None

    def __enter__(self) -> Screen:
        if self._status_wanted:
            self._appearance.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._appearance.cancel()
        with self._lock:
            self._status_wanted = False
            self._stop_status()
            if self._partial:
                sys.stdout.write("\n")
                sys.stdout.flush()

    def show(self, frame: protocol.Frame) -> None:
        """Shows one frame."""
        with self._lock:
            self._show(frame)

    def _show(self, frame: protocol.Frame) -> None:
        if frame.kind == "state":
            self.state = RunState.parse(frame.header["state"], "alive")
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
            self._activity = event["text"]
            if not self._status_wanted and self._show_output:
                self._say(shortened(event["text"], 500))
        elif event["kind"] == "metric" and self.state:
            self.state = self.state.with_metrics(event)
        elif event["kind"] in ("warning", "error"):
            self._say(f"{event['kind']}: {shortened(event['text'], 500)}")
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
        if self._shared and self._live and _MOVES_CURSOR.search(data):
            # the script draws by itself: two that move the cursor would destroy each other's lines
            self._stop_status()
            self._status_wanted = self._shared = False
        lines: list[str] = []
        if self._shared:
            *lines, self._partial = (self._partial + self._decoder.decode(data)).split("\n")
        if not (self._shared and self._live):
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
            return
        if lines:
            self._print("".join(_last_drawn(line) + "\n" for line in lines))
        if len(self._partial) > _LONGEST_PARTIAL:
            self._print(self._partial + "\n")
            self._partial = ""

    def _start_status(self) -> None:
        from rich.console import Console
        from rich.live import Live

        self._console = Console(file=sys.stderr, no_color=not coloured(sys.stderr), highlight=False, markup=False)
        if self._partial:
            # from here on the status shows the unfinished line; it must not stand above it too
            sys.stdout.write("\r\x1b[K")
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

    def _stop_status(self) -> None:
        if self._live is None:
            return
        self._live.stop()
        self._live = None
        if self._partial:
            sys.stdout.write(_last_drawn(self._partial))
            sys.stdout.flush()

    def _status(self) -> Group:
        from rich.console import Group
        from rich.text import Text

        width = self._console.width
        rows = status_rows(self.state, self._activity, time.time(), width - 1) if self.state else ["starting"]
        lines = [Text(row, style="bold" if index == 0 else "", no_wrap=True) for index, row in enumerate(rows)]
        if self._partial:
            lines.insert(0, Text.from_ansi(_last_drawn(self._partial), no_wrap=True, overflow="crop"))
        return Group(*lines)

    def _print(self, text: str) -> None:
        self._console.print(_Raw(_NOT_COLOUR.sub("", text)), end="")


class _Raw:
    """Text for a rich console that is to reach the terminal as it is, its colours included."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __rich_console__(self, console: Any, options: Any) -> Any:
        from rich.segment import Segment

        yield Segment(self._text)


def _last_drawn(line: str) -> str:
    """What a terminal shows of a line in which carriage returns went back to its start."""
    return line.rstrip("\r").rpartition("\r")[2]
