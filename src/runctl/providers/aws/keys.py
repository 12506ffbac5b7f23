"""The key pair of this machine: made here, its public half imported; EC2 never sees the private one."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import NamedTuple

from runctl.core import process
from runctl.core.aws import Account, calling
from runctl.core.errors import CloudError, NotFoundError, RunctlError
from runctl.providers.aws import tags

_PREFIX = "runctl-"


class KeyPair(NamedTuple):
    """A key pair: its name in EC2, and the file of its private half, which carries the same name."""

    name: str
    file: Path

    @property
    def public(self) -> bytes:
        """The public half, as OpenSSH writes it."""
        return self.file.with_name(self.name + ".pub").read_bytes()


def key_file(home: Path, name: str) -> Path:
    """Where the private half of the key pair `name` is, if this machine made it."""
    return home / "keys" / name


def local_key(home: Path) -> KeyPair | None:
    """This machine's key pair; None when none was made yet."""
    for public in sorted((home / "keys").glob(f"{_PREFIX}*.pub")):
        file = public.with_suffix("")
        if file.exists():
            return KeyPair(file.name, file)
    return None


def make_local_key(home: Path) -> KeyPair:
    """This machine's key pair, made now when there is none. Raises RunctlError when ssh-keygen fails."""
    existing = local_key(home)
    if existing:
        return existing
    folder = home / "keys"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        made = Path(scratch) / "key"
        done = process.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", tags.creator(), "-f", str(made)])
        if done.code != 0:
            raise RunctlError(f"ssh-keygen failed: {done.stderr.decode(errors='replace').strip()}")
        return _adopt(made, folder)


def _adopt(made: Path, folder: Path) -> KeyPair:
    """Moves a new key to its place, the public half last: what is found by that is whole."""
    public = made.with_suffix(".pub")
    # the name carries a hash of the key, so that two machines don't clash in one account
    name = _PREFIX + hashlib.sha256(public.read_bytes().split()[1]).hexdigest()[:10]
    made.replace(folder / name)
    public.replace(folder / f"{name}.pub")
    return KeyPair(name, folder / name)


def imported(account: Account, name: str) -> bool:
    """Whether the region has a key pair of this name."""
    try:
        with calling(f"look up the key pair {name}"):
            account.client("ec2").describe_key_pairs(KeyNames=[name])
    except NotFoundError:
        return False
    return True


def import_key(account: Account, key: KeyPair) -> bool:
    """Makes the key pair known to the region. Returns False when it was already."""
    try:
        with calling(f"import the key pair {key.name}"):
            account.client("ec2").import_key_pair(
                KeyName=key.name,
                PublicKeyMaterial=key.public,
                TagSpecifications=[{"ResourceType": "key-pair", "Tags": tags.as_list(tags.own(key.name))}],
            )
    except CloudError as error:
        if error.code == "InvalidKeyPair.Duplicate":
            return False
        raise
    return True


def delete_key(account: Account, name: str) -> None:
    """Removes the public half from the region; silent when it isn't there."""
    with calling(f"delete the key pair {name}"):
        account.client("ec2").delete_key_pair(KeyName=name)
