"""Watching a run from a command: Ctrl-C ends the watching, never the run."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterable
from types import FrameType

from runctl.agent import protocol
from runctl.cli.app import App
from runctl.core.specs import DETACHED
from runctl.runs.run import Run
from runctl.ui.live import Screen
from runctl.ui.views import ending


def watch(frames: Iterable[protocol.Frame], run: Run, app: App, show_output: bool) -> int:
    """Shows a run until it is finished. Returns runctl's exit code for its outcome, 130 after Ctrl-C.
    Raises BrokenPipeError when the reader of the output has left."""
    patience = _Patience(app)
    try:
        with Screen(show_output=show_output) as screen:
            for frame in frames:
                patience.run_has_started()
                screen.show(frame)
    except KeyboardInterrupt:
        _say_how_to_return(run, app)
        return DETACHED
    except BrokenPipeError:
        _say_how_to_return(run, app)
        raise
    finally:
        patience.end()
    if screen.state is None or not screen.state.finished:
        return 0
    for line in ending(screen.state, str(run.folder), shutil.get_terminal_size().columns):
        app.console.note(line)
    return screen.state.command_exit_code


class _Patience:
    """Holds a first Ctrl-C back until the run has surely started or surely not: a run nobody knows of would be
    worse than a moment's wait. A second one is obeyed at once."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._started = False
        self._asked = False
        self._before = signal.signal(signal.SIGINT, self._interrupted)

    def run_has_started(self) -> None:
        """From now on every Ctrl-C counts, and one that was held back."""
        self._started = True
        if self._asked:
            raise KeyboardInterrupt

    def end(self) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        if self._started or self._asked:
            raise KeyboardInterrupt
        self._asked = True
        self._app.console.warn("the run is just starting; Ctrl-C again to interrupt that")


def _say_how_to_return(run: Run, app: App) -> None:
    if not run.folder.exists():
        app.console.warn("interrupted; nothing was started")
        return
    app.console.warn(f"no longer watching; run {run.id} goes on")
    app.console.note(f"  watch it again:  runctl runs logs --follow {run.id}")
    app.console.note(f"  stop it:         runctl runs stop {run.id}")
