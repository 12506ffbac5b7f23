"""Giving a run to a machine from a command: what is shown meanwhile, and how the command ends."""

from __future__ import annotations

import argparse

from runctl.cli.app import App
from runctl.cli.script_options import warn_of_secrets
from runctl.cli.train_options import planned
from runctl.core.config import Config
from runctl.core.durations import parse_duration
from runctl.core.text import size
from runctl.machines.code import Synced
from runctl.runs.arrival import Arrival, Login
from runctl.runs.remote_plan import RemotePlan
from runctl.runs.remote_run import RemoteRun
from runctl.runs.submission import Submission
from runctl.ui.transfers import TransferProgress
from runctl.ui.volume_progress import VolumeProgress


def train_on(config: Config, args: argparse.Namespace, login: Login, machine: Arrival | None, app: App) -> int:
    """Starts a run on `args.instance`, which is `machine` where that is at hand, and watches it, as far as the options
    say. Returns the command's exit code."""
    plan = planned(args, config, app)
    warn_of_secrets(args, app)
    submission = Submission(config, plan, login, app.console.note)
    if args.dry_run:
        from runctl.runs.preview import preview_on

        preview = preview_on(submission.account, config, plan, args.instance, login)
        app.answer(preview.document(), [*plan.lines(), "steps:", *(f"  {step}" for step in preview.steps())])
        return 0
    submission.check()
    _prepare(submission, args.instance, machine, app)
    return _carry_out(submission, plan, config, args, app)


def train_on_own_machine(config: Config, kind: str, args: argparse.Namespace, app: App) -> int:
    """Creates an instance of a `kind` for a run, starts the run there and watches it. Returns the command's exit
    code."""
    from runctl.cli.create_options import wanted_of
    from runctl.providers.aws.creation_plan import plan_creation
    from runctl.runs import own_machine
    from runctl.runs.preview import preview_of_new
    from runctl.ui.creation import plan_document, plan_lines

    plan = planned(args, config, app, args.then)
    warn_of_secrets(args, app)
    wish = wanted_of(args, kind)
    own_machine.check_then(args.then, wish.spot, config.output_s3)
    submission = Submission(config, plan, Login(), app.console.note)
    account = submission.account
    creation = plan_creation(account, config, wish)
    if args.dry_run:
        preview = preview_of_new(account, plan, len(creation.volumes))
        document = {**preview.document(), "instance_id": None, "creation": plan_document(creation)}
        steps = [f"create {creation.name}", *preview.steps()]
        app.answer(document, [*plan_lines(creation), *plan.lines(), "steps:", *(f"  {step}" for step in steps)])
        return 0
    submission.check()
    for line in [*plan_lines(creation), own_machine.afterwards(args.then)]:
        app.console.note(line)
    app.confirm(f"Create {creation.name} and train there?")
    with VolumeProgress(app.console) as progress:
        instance = own_machine.make_machine(
            account, config, creation, args.then, app.console.note, app.confirm, progress
        )
    with own_machine.given_back_on_failure(
        account, config, instance, args.then, app.console.note, lambda: submission.may_run
    ):
        _prepare(submission, instance.id, None, app)
        code = _carry_out(submission, plan, config, args, app)
    for line in own_machine.still_costs(instance, args.then):
        app.console.note(line)
    return code


def _prepare(submission: Submission, instance: str, machine: Arrival | None, app: App) -> None:
    with VolumeProgress(app.console) as volumes, TransferProgress(app.console, "sent") as sent:
        synced = submission.prepare(instance, machine, volumes, sent, sent.warn)
    if synced:
        _say(synced, app)


def _carry_out(submission: Submission, plan: RemotePlan, config: Config, args: argparse.Namespace, app: App) -> int:
    timeout_s = None if args.timeout is None else parse_duration(args.timeout, "--timeout")
    run = RemoteRun(plan.run_id, config.home)
    if args.detach:
        submission.start()
        lines = [f"{run.id} started on {submission.place.instance_id}; watch it: runctl runs logs --follow {run.id}"]
        app.answer(run.state().to_json() if app.json else None, lines, [run.id])
        return 0
    from runctl.cli.watching import watch

    ids_alone = app.json or app.quiet
    code = watch(run.follow(first=submission.start_and_follow), run, app, not ids_alone, timeout_s)
    if ids_alone:
        app.answer(run.state().to_json() if app.json else None, [], [run.id])
    return code


def _say(synced: Synced, app: App) -> None:
    if synced.sent or synced.removed:
        removed = f", {len(synced.removed)} removed" if synced.removed else ""
        files = f"{len(synced.sent)} file{'s' * (len(synced.sent) != 1)}"
        app.console.note(f"sent {files} ({size(synced.bytes_sent)}){removed} to {synced.folder}")
