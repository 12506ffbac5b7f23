"""Watching a run from a command: Ctrl-C ends the watching, never the run."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import FrameType

from runctl.agent import protocol
from runctl.cli.app import App
from runctl.core.specs import DETACHED, STILL_RUNNING
from runctl.runs.run import Run
from runctl.ui.live import Screen
from runctl.ui.views import ending


def watch(
    frames: Iterable[protocol.Frame], run: Run, app: App, show_output: bool, timeout_s: float | None = None
) -> int:
    """Shows a run until it is finished, `timeout_s` seconds at most. Returns runctl's exit code for its outcome, 130
    after Ctrl-C, 101 when it took longer. Raises BrokenPipeError when the reader of the output has left."""
    patience = _Patience(app)
    try:
        with Screen(show_output=show_output) as screen, _limited_to(timeout_s):
            run.on_note = screen.note
            for frame in frames:
                patience.run_has_started()
                screen.show(frame)
    except KeyboardInterrupt:
        _say_how_to_return("interrupted", run, app, patience)
        return DETACHED
    except _TimeIsUp:
        _say_how_to_return("the time is up", run, app, patience)
        return STILL_RUNNING
    except BrokenPipeError:
        _say_how_to_return("interrupted", run, app, patience)
        raise
    finally:
        patience.end()
    if screen.state is None or not screen.state.finished:
        return 0
    for line in ending(screen.state, run.records, shutil.get_terminal_size().columns):
        app.console.note(line)
    return screen.state.command_exit_code


class _TimeIsUp(Exception):
    """The run was watched for as long as was asked for."""


@contextmanager
def _limited_to(seconds: float | None) -> Iterator[None]:
    """Raises _TimeIsUp in the `with` block when it takes longer."""
    if seconds is None:
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:
        raise _TimeIsUp

    before = signal.signal(signal.SIGALRM, ring)
    # no more than once, and at once for 0, which would mean never
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class _Patience:
    """Holds a first Ctrl-C back until the run has surely started or surely not: a run nobody knows of would be
    worse than a moment's wait. A second one is obeyed at once."""

    def __init__(self, app: App) -> None:
        self._app = app
        self.started = False
        self._asked = False
        self._before = signal.signal(signal.SIGINT, self._interrupted)

    def run_has_started(self) -> None:
        """From now on every Ctrl-C counts, and one that was held back."""
        self.started = True
        if self._asked:
            raise KeyboardInterrupt

    def end(self) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        if self.started or self._asked:
            raise KeyboardInterrupt
        self._asked = True
        self._app.console.warn("the run is just starting; Ctrl-C again to interrupt that")


def _say_how_to_return(why: str, run: Run, app: App, patience: _Patience) -> None:
    if not run.folder.exists():
        app.console.warn(f"{why}; nothing was started")
        return
    where = f" on {run.where}" if run.where else ""
    if patience.started:
        app.console.warn(f"{why}; no longer watching: run {run.id} goes on{where}")
    else:
        app.console.warn(f"{why}; run {run.id} was just starting{where}, and goes on if it has")
    app.console.note(f"  watch it again:  runctl runs logs --follow {run.id}")
    app.console.note(f"  stop it:         runctl runs stop {run.id}")
