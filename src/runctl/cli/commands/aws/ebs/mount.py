"""Mount an attached volume on its instance.

Without MOUNT_POINT it is mounted where it was before, else at /mnt and its name. What is not provably blank is never
formatted; see `runctl aws ebs attach --help`.

examples:
  runctl aws ebs mount imagenet
  runctl aws ebs mount vol-0123456789abcdef0 /mnt/data --format xfs
"""

from __future__ import annotations

import argparse

from runctl.cli.app import App
from runctl.cli.aws_options import add_account_options, add_transport_option, config_of
from runctl.cli.volume_options import add_format_options, mounting_of
from runctl.core.aws import Account
from runctl.machines.volumes import agents_of, mount
from runctl.providers.aws import volumes
from runctl.ui.volume_progress import VolumeProgress
from runctl.ui.volumes import attached_document, attached_lines


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("volume", metavar="VOLUME", help="its id, the beginning of it, or its name")
    parser.add_argument("mount_point", metavar="MOUNT_POINT", nargs="?", help="a folder, such as /mnt/data")
    add_format_options(parser)
    add_transport_option(parser)
    add_account_options(parser)


def execute(args: argparse.Namespace, app: App) -> None:
    config = config_of(args, app)
    account = Account(config)
    volume = volumes.find(account, args.volume)
    mounting = mounting_of(args, app, volume)
    with VolumeProgress(app.console) as report:
        mounted = mount(account, volume, mounting, agents_of(account, config), report)
    app.answer(attached_document(mounted), attached_lines(mounted), [volume.id])
