"""`users` and `ssh_authorized_keys`."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from .shell import run

DEFAULT_USERS = ("ubuntu", "ec2-user")


def add_user(entry: dict[str, object]) -> None:
    """Makes one user of `users`, unless there is one of that name, and gives it its keys and what it may do as root."""
    name = str(entry["name"])
    if not _exists(name):
        run(["useradd", *useradd_options(entry), name])
    add_keys(name, texts(entry.get("ssh_authorized_keys")))
    rules = texts(entry.get("sudo"))
    if rules:
        path = Path("/etc/sudoers.d/90-cloud-init-users")
        path.write_text(path.read_text() + "".join(f"{name} {rule}\n" for rule in rules))


def useradd_options(entry: dict[str, object]) -> list[str]:
    """The options of `useradd` that an entry of `users` asks for."""
    options = [] if entry.get("no_create_home") or entry.get("system") else ["--create-home"]
    if entry.get("system"):
        options.append("--system")
    for key, option in (("shell", "shell"), ("uid", "uid"), ("gecos", "comment"), ("homedir", "home-dir")):
        if key in entry:
            options.append(f"--{option}={entry[key]}")
    if "primary_group" in entry:
        options.append(f"--gid={entry['primary_group']}")
    groups = [group.strip() for text in texts(entry.get("groups")) for group in text.split(",")]
    return [*options, f"--groups={','.join(groups)}"] if groups else options


def add_keys(name: str, keys: list[str]) -> None:
    """Lets whoever has one of `keys` log in as `name`."""
    user = pwd.getpwnam(name)
    folder = Path(user.pw_dir) / ".ssh"
    path = folder / "authorized_keys"
    folder.mkdir(mode=0o700, exist_ok=True)
    held = path.read_text().splitlines() if path.exists() else []
    path.write_text("".join(f"{key}\n" for key in [*held, *(key for key in keys if key not in held)]))
    path.chmod(0o600)
    for each in (folder, path):
        os.chown(each, user.pw_uid, user.pw_gid)


def texts(value: object) -> list[str]:
    """A value that may be nothing, one thing or a list of things, as a list of texts."""
    if value is None or value is False:
        return []
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def _exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
