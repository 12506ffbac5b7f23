"""What is left of a sandbox on this machine, looked for without its own records."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from runctl.core.process import run
from runctl.sandbox.model import SandboxError


def remains(sandbox_id: str, folder: Path) -> list[str]:
    """What still exists: containers, volumes, networks, loop devices, mounts, rules, interfaces, routes; in words."""
    return [
        *_docker(sandbox_id),
        *_loop_devices(folder),
        *_mounts(folder),
        *_rules(sandbox_id),
        *_interfaces(sandbox_id),
    ]


def _docker(sandbox_id: str) -> Iterator[str]:
    label = f"label=runctl.sandbox={sandbox_id}"
    for kind, words in (
        ("container", ["ps", "--all"]),
        ("docker volume", ["volume", "ls"]),
        ("docker network", ["network", "ls"]),
    ):
        for name in _said("docker", *words, "--quiet", "--filter", label).split()[:3]:
            yield f"{kind} {name[:12]}"


def _loop_devices(folder: Path) -> Iterator[str]:
    for device in json.loads(_said("losetup", "--json", "--list") or "{}").get("loopdevices", []):
        if str(device["back-file"]).startswith(f"{folder.resolve()}/"):
            yield device["name"]


def _mounts(folder: Path) -> Iterator[str]:
    for line in Path("/proc/self/mounts").read_text().splitlines():
        if line.split()[1].startswith(f"{folder.resolve()}/"):
            yield f"mount {line.split()[1]}"


def _rules(sandbox_id: str) -> Iterator[str]:
    for line in _said("nft", "list", "tables").splitlines():
        if f"runctl_{sandbox_id}" in line:
            yield f"nft {line}"


def _interfaces(sandbox_id: str) -> Iterator[str]:
    for line in _said("ip", "-brief", "link").splitlines():
        if line.split()[0].startswith(f"rc{sandbox_id}"):
            yield f"interface {line.split()[0]}"


def _said(*command: str) -> str:
    done = run(list(command))
    if done.code:
        raise SandboxError(f"{' '.join(command)}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout.decode(errors="replace")
