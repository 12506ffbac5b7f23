"""What comes in to a host from outside: rules in its own network namespace, before those of its own Docker engine."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator

from runctl.sandbox.model import Rule, SandboxError
from runctl.sandbox.network.commands import nft_in

OUTSIDE = "eth0"
GUARD = "inet runctl_guard"
CUT = "inet runctl_cut"

CUT_RULES = f"""
table {CUT} {{
    chain incoming {{ type filter hook prerouting priority -300; iifname "{OUTSIDE}" drop; }}
    chain outgoing {{ type filter hook postrouting priority 300; oifname "{OUTSIDE}" drop; }}
}}
"""


def guard(pid: int, rules: Iterable[Rule]) -> None:
    """Lets in what the rules say and answers to what went out; the rest is dropped without a word, as EC2 does.
    Replaces the rules from before. Raises SandboxError for a source that is no network."""
    lines = "\n".join(line for rule in rules for line in _accepted(rule))
    # after connection tracking (-200) and before destinations are changed (-100)
    nft_in(
        pid,
        f"""{_without(GUARD)}
table {GUARD} {{
    chain incoming {{
        type filter hook prerouting priority -150; policy accept;
        iifname != "{OUTSIDE}" accept
        ct state established,related accept
{lines}
        drop
    }}
}}
""",
    )


def cut(pid: int) -> None:
    """Nothing passes in or out any more, as if the cable were pulled."""
    nft_in(pid, _without(CUT) + CUT_RULES)


def restore(pid: int) -> None:
    """What `guard` lets in passes again. Silent when nothing was cut."""
    nft_in(pid, _without(CUT))


def _without(table: str) -> str:
    """Deletes the table where there is one: adding it first makes that no error."""
    return f"table {table}\ndelete table {table}\n"


def _accepted(rule: Rule) -> Iterator[str]:
    for source in rule.sources:
        try:
            network = ipaddress.ip_network(source, strict=False)
        except ValueError as error:
            raise SandboxError(f"a security group's source is no network: {source!r}") from error
        family = "ip" if network.version == 4 else "ip6"
        yield f"{family} saddr {network} {_what(rule)} accept"


def _what(rule: Rule) -> str:
    if rule.protocol == "-1":
        return ""
    if rule.protocol == "icmp":
        return "meta l4proto icmp" if rule.from_port == -1 else f"icmp type {rule.from_port}"
    return f"{rule.protocol} dport {rule.from_port}-{rule.to_port}"
