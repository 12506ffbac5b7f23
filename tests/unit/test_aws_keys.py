"""The key pair of this machine."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from runctl.providers.aws import keys


def test_the_private_half_is_for_the_user_alone(home: Path) -> None:
    key = keys.make_local_key(home)
    assert key.file.stat().st_mode & 0o777 == 0o600
    assert key.file.parent.stat().st_mode & 0o777 == 0o700
    derived = subprocess.run(["ssh-keygen", "-y", "-f", str(key.file)], capture_output=True, check=True).stdout
    assert derived.split()[:2] == key.public.split()[:2]
    assert key.public.startswith(b"ssh-ed25519 ")


def test_it_is_made_once(home: Path) -> None:
    assert keys.local_key(home) is None
    key = keys.make_local_key(home)
    assert keys.make_local_key(home) == key == keys.local_key(home)
    assert keys.key_file(home, key.name) == key.file
    assert sorted(path.name for path in (home / "keys").iterdir()) == [key.name, f"{key.name}.pub"]


def test_two_machines_have_keys_of_different_names(tmp_path: Path) -> None:
    assert keys.make_local_key(tmp_path / "a").name != keys.make_local_key(tmp_path / "b").name


def test_keys_that_are_made_at_once_are_all_whole(home: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: keys.make_local_key(home), range(4)))
    for key in made:
        derived = subprocess.run(["ssh-keygen", "-y", "-f", str(key.file)], capture_output=True, check=True).stdout
        assert derived.split()[1] == key.public.split()[1]


def test_a_public_half_alone_is_no_key(home: Path) -> None:
    key = keys.make_local_key(home)
    key.file.unlink()
    assert keys.local_key(home) is None
    assert keys.make_local_key(home).name != key.name
