"""What the doctor found, as lines; pure."""

from __future__ import annotations

import sys

from runctl.core.text import printable
from runctl.providers.aws.findings import FAIL, OK, WARN, Finding
from runctl.ui.console import GREEN, RED, YELLOW, paint

_COLOURS = {OK: GREEN, WARN: YELLOW, FAIL: RED}


def finding_lines(finding: Finding) -> list[str]:
    """A finding in a line, and what mends it in a second one."""
    level = paint(f"{finding.level:<4}", _COLOURS[finding.level], sys.stdout)
    first, *more = finding.text.splitlines()
    lines = [f"{level} {finding.subject:<12} {printable(first)}", *(f"{'':18}{printable(line)}" for line in more)]
    return [*lines, f"{'':18}→ {printable(finding.remedy)}"] if finding.remedy else lines
