"""What root may do inside an instance: everything by name that root may do here. `--privileged` would do, but it asks
for all capabilities there are and fails where this machine's root lacks one, as in many virtual machines."""

from __future__ import annotations

from pathlib import Path

# by bit, from linux/capability.h; those after these are parts of SYS_ADMIN, and Docker 20.10 does not know them
_NAMES = (
    *("CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID"),
    *(
        "SETPCAP",
        "LINUX_IMMUTABLE",
        "NET_BIND_SERVICE",
        "NET_BROADCAST",
        "NET_ADMIN",
        "NET_RAW",
        "IPC_LOCK",
        "IPC_OWNER",
    ),
    *("SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE"),
    *("SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP"),
    *("MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ"),
)
# these would change the machine that the instance runs on: its kernel's modules and its clock
_WITHHELD = {"SYS_MODULE", "SYS_TIME"}
NEEDED = {"SYS_ADMIN", "NET_ADMIN", "MKNOD", "SYS_PTRACE"}


def granted() -> list[str]:
    """Names (without `CAP_`) of the capabilities that an instance gets."""
    return sorted(held() - _WITHHELD)


def held(status: Path = Path("/proc/self/status")) -> set[str]:
    """Names (without `CAP_`) of the capabilities that this process has."""
    lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
    bits = int(lines["CapEff"], 16)
    return {name for bit, name in enumerate(_NAMES) if bits >> bit & 1}
