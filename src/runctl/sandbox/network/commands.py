"""Programs that change networks: of this machine, or of one host."""

from __future__ import annotations

from runctl.core import process
from runctl.core.errors import RunctlError
from runctl.sandbox.model import SandboxError


def run(*command: str, stdin: str = "") -> str:
    """What the command printed. Raises SandboxError with what it complained about."""
    try:
        done = process.run(list(command), stdin.encode())
    except RunctlError as error:
        raise SandboxError(error.message) from error
    if done.code:
        raise SandboxError(f"{' '.join(command)}: {(done.stderr or done.stdout).decode(errors='replace').strip()}")
    return done.stdout.decode(errors="replace")


def nft(rules: str) -> None:
    """Applies the rules to this machine: all of them or none."""
    run("nft", "-f", "-", stdin=rules)


def nft_in(pid: int, rules: str) -> None:
    """Applies the rules in the network namespace of that process: all of them or none."""
    run("nsenter", "-t", str(pid), "-n", "nft", "-f", "-", stdin=rules)
