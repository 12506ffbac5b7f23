"""Find an instance's runs, whoever started them, and watch one.

The runs that are found are known here from then on, also after the instance is gone: `runctl runs list` shows them,
and all of `runctl runs` works with them. `*` marks those that go on.

examples:
  runctl aws monitor trainer
  runctl aws monitor trainer --follow              the one that goes on
  runctl aws monitor trainer 0gydk2 --follow       this one
"""

from __future__ import annotations

import argparse
import time

from runctl.cli.app import App, whole_number
from runctl.cli.aws_options import INSTANCE_HELP, add_account_options, add_transport_option, config_of
from runctl.cli.reaching import add_login_options, reached
from runctl.cli.watching import watch
from runctl.core.errors import NotFoundError, UsageError
from runctl.core.specs import RunState
from runctl.core.text import printable
from runctl.runs.finding import find_runs
from runctl.runs.remote_run import RemoteRun
from runctl.ui.console import table
from runctl.ui.views import RUNS_HEADER, run_row

_FEW = 30


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("instance", metavar="INSTANCE", help=INSTANCE_HELP)
    parser.add_argument("run", metavar="RUN", nargs="?", help="one run alone: its id, or the beginning of it")
    parser.add_argument("-f", "--follow", action="store_true", help="watch the run that goes on, until it is finished")
    parser.add_argument(
        "-n", "--limit", type=whole_number, default=_FEW, help=f"how many finished ones at most (default {_FEW})"
    )
    add_login_options(parser)
    add_transport_option(parser)
    add_account_options(parser)


def execute(args: argparse.Namespace, app: App) -> int:
    transport = reached(args, app)
    instance_id = transport.target.instance_id
    config = config_of(args, app)
    found = find_runs(config, transport, max(1, args.limit))
    for problem in found.problems:
        app.console.warn(printable(problem))
    states = _chosen(found.states, args.run, instance_id)
    if args.follow:
        return _follow(RemoteRun(_live(states, args.run, instance_id).run_id, config.home), app)
    now = time.time()
    rows = [(" " if state.finished else "*", *run_row(state, now)) for state in states]
    app.answer(
        [state.to_json() for state in states],
        table(("", *RUNS_HEADER), rows) if rows else [],
        [state.run_id for state in states],
    )
    if not states:
        app.console.note(f"no runs on {instance_id} yet")
    return 0


def _chosen(states: list[RunState], text: str | None, instance_id: str) -> list[RunState]:
    if text is None:
        return states
    chosen = [state for state in states if state.run_id.startswith(text)]
    if not chosen:
        raise NotFoundError(
            f"there is no run {printable(text)!r} on {instance_id}", hint=f"see: runctl aws monitor {instance_id}"
        )
    return chosen


def _live(states: list[RunState], text: str | None, instance_id: str) -> RunState:
    """The run to watch."""
    live = states if text else [state for state in states if not state.finished]
    if not live:
        raise NotFoundError(f"no run goes on on {instance_id}", hint=f"see: runctl aws monitor {instance_id}")
    if len(live) > 1:
        ids = ", ".join(state.run_id for state in live)
        raise UsageError(f"which one? {ids}", hint=f"runctl aws monitor {instance_id} {live[0].run_id} --follow")
    return live[0]


def _follow(run: RemoteRun, app: App) -> int:
    ids_alone = app.json or app.quiet
    code = watch(run.follow(events_after=run.last_event()), run, app, show_output=not ids_alone)
    if ids_alone:
        app.answer([run.state().to_json()] if app.json else [], [], [run.id])
    return code
