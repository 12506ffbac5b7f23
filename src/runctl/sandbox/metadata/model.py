"""What the metadata service can tell about a host."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple


class Credentials(NamedTuple):
    """Temporary credentials of a role. Both times are aware."""

    access_key: str
    secret_key: str
    token: str
    updated: datetime
    expires: datetime


class Profile(NamedTuple):
    """An instance profile with its role; `credentials` is asked anew for each request."""

    arn: str
    id: str
    role: str
    credentials: Callable[[], Credentials]


class Notice(NamedTuple):
    """That a spot instance will be interrupted: `action` is terminate, stop or hibernate; `time` is aware."""

    action: str
    time: datetime


class Host(NamedTuple):
    """What a host is told about itself.

    `tags` is None unless the instance was made with InstanceMetadataTags=enabled. `security_groups` are pairs of id
    and name, `public_keys` of name and OpenSSH line; `block_devices` maps ami, root, ebs1… to device names.
    `hop_limit` is HttpPutResponseHopLimit: with 1 a container in the host gets no token.
    """

    instance_id: str
    instance_type: str
    zone: str
    region: str
    ami: str
    private_address: str
    hostname: str
    mac: str
    account: str
    launched: datetime
    public_address: str | None = None
    vpc: str = ""
    vpc_cidr: str = ""
    subnet: str = ""
    subnet_cidr: str = ""
    reservation: str = ""
    security_groups: tuple[tuple[str, str], ...] = ()
    tags: dict[str, str] | None = None
    profile: Profile | None = None
    spot: bool = False
    notice: Notice | None = None
    rebalance: datetime | None = None
    public_keys: tuple[tuple[str, str], ...] = ()
    user_data: bytes | None = None
    block_devices: dict[str, str] | None = None
    hop_limit: int = 2
    architecture: str = "x86_64"
