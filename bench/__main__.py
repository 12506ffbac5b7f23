"""Runs the parts of the benchmark and prints one table of all their figures."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.figures import Row, as_document, as_table
from bench.machine import describe
from bench.place import Place
from bench.timing import MeasureFailed

# part → its module in this package and what it measures, in the order of the table
PARTS = {
    "a": ("startup", "start-up of the command line"),
    "b": ("overhead", "whole-process overhead over the bare script"),
    "c": ("output", "a script that prints 1 GiB"),
    "d": ("idle", "CPU time of an agent whose script sleeps"),
    "e": ("delay", "from the script's flush to the screen"),
    "f": ("listing", "runs list with 10,000 runs"),
    "g": ("progress", "reading progress from a script's output"),
    "h": ("parameters", "reading what a script can be told"),
    "i": ("aws", "the sandbox, and AWS's commands in it"),
    "j": ("sync", "code on a machine, sent and run"),
    "k": ("s3", "files to S3 and back"),
}


def main(words: Sequence[str] | None = None) -> int:
    """Measures, prints, and returns 0 when every target was met, otherwise 1."""
    args = _parser().parse_args(words)
    try:
        rows, failed = _measure(args.part or list(PARTS))
    except MeasureFailed as error:
        sys.exit(f"bench: {error}")
    machine = describe()
    print(as_table(rows, machine))
    if args.json:
        args.json.write_text(json.dumps(as_document(rows, machine), indent=1) + "\n")
    return int(failed or any(row.met is False for row in rows))


def _measure(parts: list[str]) -> tuple[list[Row], bool]:
    """The rows of all parts, and whether one failed: the others' figures are worth having all the same."""
    rows: list[Row] = []
    failed = False
    with Place(Path.cwd()) as place:
        for part in parts:
            module, subject = PARTS[part]
            print(f"bench {part}: {subject} …", file=sys.stderr, flush=True)
            try:
                rows += importlib.import_module(f"bench.{module}").measure(place)
            except MeasureFailed as error:
                print(f"bench {part}: {error}", file=sys.stderr, flush=True)
                failed = True
            place.clear()
    return rows, failed


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measure runctl beside its peers and print one table (Linux; about twenty minutes).",
        epilog="parts:\n" + "\n".join(f"  {part}  {subject}" for part, (_, subject) in PARTS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("part", nargs="*", type=_part, help=f"only these parts: {', '.join(PARTS)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file too")
    return parser


def _part(text: str) -> str:
    # `choices` would refuse that none is named
    if text not in PARTS:
        raise argparse.ArgumentTypeError(f"there is no part {text!r}; parts: {', '.join(PARTS)}")
    return text


if __name__ == "__main__":
    sys.exit(main())
