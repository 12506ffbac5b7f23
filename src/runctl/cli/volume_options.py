"""What the commands about EBS volumes share: the options of a new volume, and how one is made; how one is mounted."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from runctl.cli.app import App, whole_number
from runctl.cli.aws_options import add_account_options, config_of
from runctl.core.errors import UsageError

if TYPE_CHECKING:
    from runctl.machines.volumes import Mounting
    from runctl.providers.aws.model import Snapshot, Volume

FORMATS = ("xfs", "ext4")


def add_volume_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options of a volume that is to be made, --size apart."""
    parser.add_argument("--type", metavar="TYPE", default="gp3", help="gp3, io2, st1… (default: gp3)")
    parser.add_argument("--iops", type=whole_number, metavar="N", help="I/O operations per second (gp3, io1, io2)")
    parser.add_argument("--throughput", type=whole_number, metavar="N", help="MiB per second (gp3)")
    parser.add_argument("--zone", metavar="ZONE", help="default: where your instances are, else the region's first")
    parser.add_argument("--name", metavar="NAME", help="its name (default: data- and six letters)")
    parser.add_argument("--no-encrypt", action="store_true", help="don't encrypt it")
    parser.add_argument("--mount-point", metavar="FOLDER", help="where it is to be mounted later, such as /mnt/data")
    parser.add_argument("--tag", action="append", default=[], metavar="K=V", help="a tag of yours; may be repeated")
    add_account_options(parser)


def make_volume(args: argparse.Namespace, app: App, snapshot: str | None) -> None:
    """Shows what a volume costs, asks, makes it and answers with it."""
    from runctl.core.aws import Account
    from runctl.machines.interruption import Interruptible
    from runctl.providers.aws import new_volume, snapshots, wanted
    from runctl.providers.aws.prices import Prices
    from runctl.providers.aws.volume_creation import create
    from runctl.ui.volumes import plan_lines, volume_document

    if args.type not in new_volume.TYPES:
        raise UsageError(f"--type: there is no {args.type!r}", hint=f"one of {', '.join(new_volume.TYPES)}")
    wish = new_volume.Wanted(
        size_gib=None if args.size is None else wanted.parse_size(args.size, "--size"),
        type=args.type,
        iops=args.iops,
        throughput=args.throughput,
        zone=args.zone,
        name=None if args.name is None else new_volume.parse_name(args.name),
        snapshot=snapshot,
        encrypted=not args.no_encrypt,
        mount_point=None if args.mount_point is None else wanted.check_mount_point(args.mount_point, "--mount-point"),
        tags=wanted.parse_tags(args.tag),
    )
    config = config_of(args, app)
    account = Account(config)
    new = new_volume.complete(account, wish)
    price = Prices(config, account.region).volume(new.type, new.size_gib, new.iops, new.throughput)
    for line in plan_lines(new, price):
        app.console.note(line)
    app.confirm(f"Create {new.name}?")
    if new.snapshot_id:
        snapshots.wait_until_complete(account, new.snapshot_id, time.sleep, noting(app))
    with Interruptible() as interruptible:
        made = create(account, new, interruptible.pause)
    app.answer(volume_document(made, price), [f"{made.id} {made.state} in {made.zone}"], [made.id])


def noting(app: App) -> Callable[[Snapshot], None]:
    """Says how far a snapshot is, whenever that has changed."""
    said: list[str] = []

    def note(snapshot: Snapshot) -> None:
        text = f"{snapshot.id}: {snapshot.state} {snapshot.progress}"
        if snapshot.state != "completed" and said[-1:] != [text]:
            said.append(text)
            app.console.note(text)

    return note


def add_format_options(parser: argparse.ArgumentParser) -> None:
    """Adds --format and --erase."""
    parser.add_argument("--format", choices=FORMATS, help="make this file system if the volume is provably blank")
    parser.add_argument(
        "--erase",
        metavar="VOLUME-ID",
        help="with --format: make it whatever is on the volume; the whole id, to be sure",
    )


def mounting_of(args: argparse.Namespace, app: App, volume: Volume) -> Mounting:
    """How the volume is to be mounted, as the options say; asks before anything may be erased. Raises UsageError."""
    from runctl.machines.volumes import Mounting
    from runctl.providers.aws.wanted import check_mount_point
    from runctl.ui.volumes import named

    point = None if args.mount_point is None else check_mount_point(args.mount_point, "mount point")
    if args.erase is not None:
        if args.format is None:
            raise UsageError("--erase is for making a file system", hint="--format xfs")
        if args.erase != volume.id:
            raise UsageError(
                f"--erase names {args.erase!r}, but the volume is {volume.id}", hint="give the whole id in both places"
            )
        app.confirm(f"Erase all that is on {named(volume)}?")
    return Mounting(point, args.format, args.erase is not None)
