"""Says of which runs only an older state is shown, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from runctl.cli.app import App
from runctl.core.errors import RunctlError
from runctl.core.specs import RunState
from runctl.core.text import printable


def say_lag(lag: Mapping[str, RunctlError], shown: Iterable[RunState], app: App) -> None:
    """A note for every machine that could not tell; `lag` is what `runs.store.states` gives."""
    reasons = dict.fromkeys(
        (lag[state.run_id].message, lag[state.run_id].hint) for state in shown if state.run_id in lag
    )
    for message, hint in reasons:
        app.console.note(f"{printable(message)}{f' ({printable(hint)})' if hint else ''}")
