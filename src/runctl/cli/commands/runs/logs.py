"""Print what a run's script printed.

examples:
  runctl runs logs --follow
  runctl runs logs 0gydk2 --tail 100
  runctl runs logs --since 10m
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any

from runctl.cli.app import App, whole_number
from runctl.cli.watching import watch
from runctl.core.durations import parse_duration
from runctl.runs.store import open_run


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", nargs="?", help="a run's id, or the beginning of one (default: the newest run)")
    parser.add_argument("-f", "--follow", action="store_true", help="go on until the run is finished")
    begin = parser.add_mutually_exclusive_group()
    begin.add_argument("--since", metavar="TIME", help="only what came in the last 30s, 10m, 2h, 1d")
    begin.add_argument("-n", "--tail", type=whole_number, metavar="LINES", help="only the last lines")


def execute(args: argparse.Namespace, app: App) -> int:
    run = open_run(app.config.home, args.run)
    start: dict[str, Any] = {"tail": args.tail}
    if args.since is not None:
        start["since"] = time.time() - parse_duration(args.since, "--since")
    if app.json:
        text = b"".join(frame.payload for frame in run.follow(**start, wait=args.follow))
        app.answer({"run_id": run.id, "output": text.decode("utf-8", "replace")}, [])
        return run.state().command_exit_code if args.follow else 0
    if args.follow:
        return watch(run.follow(**start, events_after=run.last_event()), run, app, show_output=True)
    run.copy_logs(sys.stdout.buffer, **start, wait=False)
    return 0
