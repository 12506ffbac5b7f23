"""Create an instance.

What it costs is shown and asked for first. Everything is made in one request and tagged as runctl's; when anything
fails, or you press Ctrl-C, all that was made is taken back.

examples:
  runctl aws create g5.xlarge --spot
  runctl aws create g5.xlarge --volume 500:/mnt/data --wait
  ID=$(runctl aws create t3.medium --yes -q)
  runctl aws create p4d.24xlarge --spot --spot-fallback --dry-run
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from runctl.cli.app import App
from runctl.cli.aws_options import add_account_options, add_transport_option, config_of
from runctl.core.aws import Account
from runctl.machines.launch_instance import launch, make_usable
from runctl.providers.aws import wanted
from runctl.providers.aws.creation_plan import plan_creation
from runctl.providers.aws.wanted import Wanted
from runctl.ui.creation import plan_document, plan_lines
from runctl.ui.instances import instance_document, state_lines
from runctl.ui.volume_progress import VolumeProgress


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("type", nargs="?", metavar="TYPE", help="instance type, such as g5.xlarge (default: t3.medium)")
    parser.add_argument("--name", metavar="NAME", help="its name (default: made from the type)")
    market = parser.add_argument_group("spot")
    market.add_argument("--spot", action="store_true", help="a spot instance: cheaper, and may be taken away")
    market.add_argument("--spot-max-price", metavar="USD", help="most to pay per hour (default: the on-demand price)")
    market.add_argument("--spot-fallback", action="store_true", help="on demand where there is no spot capacity")
    place = parser.add_argument_group("place")
    place.add_argument("--zone", metavar="ZONE", help="this zone alone (default: the cheapest that has capacity)")
    place.add_argument("--subnet", metavar="SUBNET", help="this subnet (default: those of the default VPC)")
    disks = parser.add_argument_group("disks")
    disks.add_argument(
        "--volume",
        action="append",
        default=[],
        metavar="SIZE[:MOUNT]",
        help="a new data volume of SIZE GiB, to be mounted at MOUNT; may be repeated",
    )
    disks.add_argument("--root-size", metavar="GIB", help="size of the root disk (default: the image's and 30 GiB)")
    access = parser.add_argument_group("access and software")
    access.add_argument(
        "--key-name", metavar="KEY", help="a key pair in EC2 (default: this machine's, made if missing)"
    )
    access.add_argument("--security-group", metavar="GROUP", help="id or name (default: runctl's, made if missing)")
    access.add_argument("--iam-instance-profile", metavar="NAME", help="default: what `runctl aws setup` made")
    access.add_argument("--ami", metavar="AMI", help="machine image (default: one that fits the type)")
    access.add_argument("--user-data", metavar="FILE", type=Path, help="script or #cloud-config for the first boot")
    parser.add_argument("--tag", action="append", default=[], metavar="K=V", help="a tag of yours; may be repeated")
    parser.add_argument("--max-instances", metavar="N", help="refuse when there are as many (setting: max_instances)")
    parser.add_argument("--wait", action="store_true", help="until it can be reached and its volumes are mounted")
    parser.add_argument("--dry-run", action="store_true", help="show what would be made, make nothing")
    add_transport_option(parser)
    add_account_options(parser)


def execute(args: argparse.Namespace, app: App) -> None:
    wish = _wanted(args)
    config = config_of(args, app).override(max_instances=args.max_instances)
    account = Account(config)
    plan = plan_creation(account, config, wish)
    if args.dry_run:
        app.answer({"plan": plan_document(plan), "instance": None}, plan_lines(plan), [])
        return
    for line in plan_lines(plan):
        app.console.note(line)
    app.confirm(f"Create {plan.name}?")
    instance = launch(account, config, plan, app.console.note, app.confirm)
    if args.wait:
        with VolumeProgress(app.console) as progress:
            instance = make_usable(account, config, instance, app.console.note, progress)
    price = plan.price_of(instance)
    document = {"plan": plan_document(plan), "instance": instance_document(instance, price, time.time())}
    app.answer(document, state_lines([instance]), [instance.id])


def _wanted(args: argparse.Namespace) -> Wanted:
    return Wanted(
        type=args.type,
        name=None if args.name is None else wanted.parse_name(args.name),
        spot=args.spot,
        spot_max_price=None if args.spot_max_price is None else wanted.parse_price(args.spot_max_price),
        spot_fallback=args.spot_fallback,
        volumes=wanted.parse_volumes(args.volume),
        key_name=args.key_name,
        security_group=args.security_group,
        ami=args.ami,
        root_gib=None if args.root_size is None else wanted.parse_size(args.root_size, "--root-size"),
        profile=args.iam_instance_profile,
        zone=args.zone,
        subnet=args.subnet,
        user_data=wanted.read_user_data(args.user_data) if args.user_data else b"",
        tags=wanted.parse_tags(args.tag),
    )
