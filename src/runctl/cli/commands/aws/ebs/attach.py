"""Attach a volume to an instance of its zone, and mount it there if a mount point is given (or was at its creation).

A volume that runctl made gets an xfs file system when it is mounted for the first time. Any other is formatted only
with --format, and only when nothing is on it: all of it is read first. A volume that is there already is left there.

examples:
  runctl aws ebs attach vol-0123456789abcdef0 i-0123456789abcdef0
  runctl aws ebs attach imagenet trainer --mount-point /mnt/data
  runctl aws ebs attach imagenet trainer --mount-point /mnt/data --format ext4
"""

from __future__ import annotations

import argparse
import time

from runctl.cli.app import App
from runctl.cli.aws_options import add_account_options, add_transport_option, config_of
from runctl.cli.volume_options import add_format_options, mounting_of
from runctl.core.aws import Account
from runctl.machines.volumes import agents_of, attach
from runctl.providers.aws import instances, volumes
from runctl.ui.volume_progress import VolumeProgress
from runctl.ui.volumes import attached_document, attached_lines


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("volume", metavar="VOLUME", help="its id, the beginning of it, or its name")
    parser.add_argument("instance", metavar="INSTANCE", help="its id, the beginning of it, or its name")
    parser.add_argument("--mount-point", metavar="FOLDER", help="mount it there, such as /mnt/data")
    add_format_options(parser)
    parser.add_argument("--device", metavar="NAME", help="attach it under this name (default: the first free one)")
    add_transport_option(parser)
    add_account_options(parser)


def execute(args: argparse.Namespace, app: App) -> None:
    config = config_of(args, app)
    account = Account(config)
    volume = volumes.find(account, args.volume)
    instance = instances.find_live(account, args.instance)
    wanted = mounting_of(args, app, volume)
    mounting = wanted if wanted.mount_point or wanted.format or volume.mount_point else None
    agents = agents_of(account, config)
    with VolumeProgress(app.console) as report:
        attached = attach(account, volume, instance, args.device, mounting, agents, report, time.sleep)
    app.answer(attached_document(attached), attached_lines(attached), [attached.volume_id])
