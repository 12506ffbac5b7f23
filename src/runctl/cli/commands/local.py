"""Run a script on this machine.

What `python SCRIPT ARGS` would do, in the same folder, but kept: the run goes on when the terminal is closed, and
its output, metrics and outcome stay on record. Ctrl-C stops watching, not the run.

examples:
  runctl local train.py --hyperparams epochs=10,lr=3e-4     checked against the script's own parser
  runctl local train.py --hyperparams @base.yaml --hyperparams 'layers=[64,32]'
  runctl local train.py -- --epochs 10 --lr 3e-4            given to the script as they are
  runctl local train.py --script-args "--name 'my model'"
  runctl local train.py --detach --env WANDB_MODE=offline --secret HF_TOKEN
  ID=$(runctl local train.py --detach -q)

exit codes: 0 succeeded, 100 the script failed, 102 stopped, 104 interrupted, 130 detached by Ctrl-C,
2 wrong usage, 3 refused by a check, 4 no such script.
"""

from __future__ import annotations

import argparse

from runctl.cli.app import App
from runctl.cli.script_options import add_script_options, asked, warn_of_secrets
from runctl.cli.watching import watch
from runctl.runs import launch
from runctl.runs.plan import make_plan
from runctl.runs.run import Run

TAKES_SCRIPT_ARGUMENTS = True


def configure(parser: argparse.ArgumentParser) -> None:
    parser.usage = "runctl local SCRIPT [options] [-- ARGS]"
    parser.add_argument("script", help="the script: Python, or any executable")
    parser.add_argument("-d", "--detach", action="store_true", help="start the run and return at once")
    parser.add_argument("--python", metavar="PATH", help="use this interpreter and prepare no environment")
    add_script_options(parser)
    parser.add_argument("--dry-run", action="store_true", help="check everything, print the plan, start nothing")


def execute(args: argparse.Namespace, app: App) -> int:
    config = app.config.override(python=args.python, grace=args.grace, stop_signal=args.stop_signal)
    plan = make_plan(asked(args), config)
    for warning in plan.warnings:
        app.console.warn(warning)
    if args.dry_run:
        app.answer({"spec": plan.spec}, plan.lines())
        return 0
    warn_of_secrets(args, app)
    run = Run(plan.spec["run_id"], config.home)
    if args.detach:
        launch.start(plan, config.home)
        app.answer(
            run.state().to_json(),
            [f"{run.id} started; watch it: runctl runs logs --follow {run.id}"],
            [run.id],
        )
        return 0
    ids_alone = app.json or app.quiet
    code = watch(launch.start_and_follow(plan, config.home), run, app, show_output=not ids_alone)
    if ids_alone and run.folder.exists():
        app.answer(run.state().to_json(), [], [run.id])
    return code
