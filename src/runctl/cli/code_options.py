"""What commands that send a project's code share: the options that say what goes, and where to."""

from __future__ import annotations

import argparse


def add_code_options(parser: argparse._ActionsContainer) -> None:
    """Adds --include-pattern and --project-name."""
    parser.add_argument(
        "--include-pattern",
        action="append",
        default=[],
        metavar="PATTERN",
        help="send these too although git ignores them, such as 'weights/*.pt'; may be repeated",
    )
    parser.add_argument("--project-name", metavar="NAME", help="its folder ~/runctl/NAME there (default: as here)")
