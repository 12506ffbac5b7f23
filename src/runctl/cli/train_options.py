"""What `runctl aws train` and `runctl train --on` share: their options, and what these say."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from runctl.cli.app import App
from runctl.cli.code_options import add_code_options
from runctl.cli.script_options import add_script_options, asked
from runctl.core.errors import UsageError

if TYPE_CHECKING:
    from runctl.core.config import Config
    from runctl.runs.remote_plan import RemotePlan


def add_train_options(parser: argparse.ArgumentParser) -> None:
    """Adds what can be asked of a run on another machine."""
    data = parser.add_argument_group("data and results")
    data.add_argument("--data-s3", metavar="URI", help="objects that are put into the project's folder data/ first")
    data.add_argument("--output-s3", metavar="URI", help="where log, events and results are sent (setting: output_s3)")
    code = parser.add_argument_group("code")
    code.add_argument(
        "--sync-code", action=argparse.BooleanOptionalAction, default=True, help="send what has changed (default)"
    )
    add_code_options(code)
    container = parser.add_argument_group("container")
    container.add_argument(
        "--docker", action=argparse.BooleanOptionalAction, help="train in Docker (default: if there is a Dockerfile)"
    )
    container.add_argument("--docker-image", metavar="IMAGE", help="an image, local or in a registry, in its place")
    container.add_argument(
        "--mount",
        action="append",
        default=[],
        metavar="SRC[:DST][:ro]",
        help="a folder of the machine for the container (data volumes are there anyway); may be repeated",
    )
    script = parser.add_argument_group("script")
    script.add_argument("--python", metavar="PATH", help="interpreter there; no environment is prepared")
    add_script_options(script)
    parser.add_argument("-d", "--detach", action="store_true", help="start the run and return at once")
    parser.add_argument("--wait", action="store_true", help="watch until the run is over (default)")
    parser.add_argument("--timeout", metavar="SECONDS", help="watch for so long; then exit 101, and the run goes on")
    parser.add_argument("--dry-run", action="store_true", help="check everything, print the plan, change nothing")


def with_train_options(config: Config, args: argparse.Namespace) -> Config:
    """The settings with the options on top. Raises UsageError."""
    return config.override(grace=args.grace, stop_signal=args.stop_signal, output_s3=args.output_s3)


def planned(args: argparse.Namespace, config: Config, app: App, then: str = "keep") -> RemotePlan:
    """The plan that the options make; its warnings are shown. Raises RefusedError, NotFoundError, UsageError."""
    if args.detach and (args.wait or args.timeout is not None):
        raise UsageError("--detach does not wait", hint="leave --wait and --timeout out")
    from runctl.runs.remote_plan import Elsewhere, make_remote_plan

    elsewhere = Elsewhere(
        project_name=args.project_name,
        python=args.python,
        data_s3=args.data_s3,
        docker=args.docker,
        docker_image=args.docker_image,
        mounts=args.mount,
        include=args.include_pattern,
        keep_code=not args.sync_code,
        then=then,
    )
    plan = make_remote_plan(asked(args), elsewhere, config)
    for warning in plan.plan.warnings:
        app.console.warn(warning)
    return plan
