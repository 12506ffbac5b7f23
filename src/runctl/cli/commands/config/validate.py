"""`runctl config validate`

Exits with 0 when nothing is wrong, otherwise with 2 after a list of everything that is.
"""

from __future__ import annotations

import argparse

from runctl.cli.app import App
from runctl.core.folder import current_folder


def configure(parser: argparse.ArgumentParser) -> None:
    pass


def execute(args: argparse.Namespace, app: App) -> int:
    from runctl.core.config import check

    report = check(current_folder())
    if not app.json:
        for warning in report.warnings:
            app.console.warn(warning)
    app.answer(
        {
            "ok": not report.problems,
            "files": [str(path) for path in report.files],
            "problems": [{"message": each.message, "hint": each.hint} for each in report.problems],
            "warnings": report.warnings,
        },
        [f"{each.message}; {each.hint}" if each.hint else each.message for each in report.problems] or ["ok"],
    )
    return 2 if report.problems else 0
