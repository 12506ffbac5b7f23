"""Show the sandbox: whether it is up, its instances, volumes and faults.

examples:
  runctl sandbox status
  runctl sandbox status --json
"""

from __future__ import annotations

import argparse
from typing import Any

from runctl.cli.app import App
from runctl.ui.console import table


def configure(parser: argparse.ArgumentParser) -> None:
    del parser  # it takes nothing but the common options


def execute(args: argparse.Namespace, app: App) -> None:
    from runctl.sandbox.asking import ask
    from runctl.sandbox.control import found

    state, is_up = found(app.config.home)
    empty: dict[str, Any] = {"instances": [], "volumes": [], "faults": []}
    known = ask(state, "GET", "status") if state and is_up else empty
    document = {
        "up": is_up,
        "id": state and state.id,
        "endpoint": state.endpoint if state and is_up else None,
        "started_at": state.started_at if state and is_up else None,
        **known,
    }
    app.answer(document, _lines(document), [each["id"] for each in known["instances"]])


def _lines(known: dict[str, Any]) -> list[str]:
    if not known["up"]:
        return [
            "the sandbox's daemon is gone; take the rest down: runctl sandbox down" if known["id"] else "no sandbox"
        ]
    lines = [f"sandbox {known['id']} at {known['endpoint']}"]
    if known["instances"]:
        rows = [[each["id"], each["type"], each["state"], each["public_address"] or "-"] for each in known["instances"]]
        lines += table(["INSTANCE", "TYPE", "STATE", "ADDRESS"], rows)
    if known["volumes"]:
        rows = [[each["id"], f"{each['size_gib']} GiB", each["state"]] for each in known["volumes"]]
        lines += table(["VOLUME", "SIZE", "STATE"], rows)
    if known["faults"]:
        rows = [[each["name"], said(each["settings"]), str(each["times_left"] or "ever")] for each in known["faults"]]
        lines += table(["FAULT", "FOR", "TIMES LEFT"], rows)
    return lines


def said(settings: dict[str, str]) -> str:
    """Settings of a fault in one cell."""
    return " ".join(f"{key}={value}" for key, value in settings.items()) or "everything"
