"""What setting up an account would do or did; pure."""

from __future__ import annotations

import json
from typing import Any

from runctl.providers.aws.setup import CHANGE, MAKE, THERE, Setup
from runctl.ui.console import table

_DONE = {MAKE: "made", CHANGE: "brought up to date", THERE: "was there"}
_WOULD = {MAKE: "would be made", CHANGE: "would be brought up to date", THERE: "is there"}


def setup_lines(setup: Setup, dry_run: bool) -> list[str]:
    """A line for each part; with `dry_run` the role's policy first."""
    words = _WOULD if dry_run else _DONE
    rows = [(part.kind, part.name, words[part.action]) for part in setup.parts]
    lines = table(("WHAT", "NAME", ""), rows)
    return [*json.dumps(setup.policy, indent=2).splitlines(), "", *lines] if dry_run else lines


def setup_document(setup: Setup, dry_run: bool) -> dict[str, Any]:
    """The same for --json."""
    return {
        "account_id": setup.account_id,
        "region": setup.region,
        "dry_run": dry_run,
        "parts": [{"kind": part.kind, "name": part.name, "action": part.action} for part in setup.parts],
        "policy": setup.policy,
    }
