"""What commands that create an instance share: the options that say what it is like."""

from __future__ import annotations

import argparse
from pathlib import Path

from runctl.providers.aws import wanted
from runctl.providers.aws.wanted import Wanted


def add_create_options(parser: argparse.ArgumentParser) -> None:
    """Adds everything but the type."""
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


def wanted_of(args: argparse.Namespace, type: str | None) -> Wanted:
    """What the options ask for. Raises UsageError, NotFoundError."""
    return Wanted(
        type=type,
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
        tags=wanted.parse_instance_tags(args.tag),
    )
