"""JSON from files that nobody vouches for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from runctl.storage.checkpoints.content import MIB, Budget, Damaged, TooMuch

# far above any real header; the objects made of a hostile one stay within a few hundred MiB
LIMIT = 16 * MIB


def parse_object(data: bytes, what: str) -> dict[str, Any]:
    """The JSON object in `data`. Raises Damaged for anything else: other values, deep nesting, double keys."""
    try:
        value = json.loads(data.decode(), object_pairs_hook=_without_doubles)
    except UnicodeDecodeError as error:
        raise Damaged(f"{what} is not UTF-8") from error
    except RecursionError as error:
        raise Damaged(f"{what} is nested too deeply") from error
    except ValueError as error:
        raise Damaged(f"{what} is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise Damaged(f"{what} is not a JSON object")
    return value


def read_object(path: Path, budget: Budget) -> dict[str, Any]:
    """The JSON object in a file. Raises Damaged, or TooMuch above 16 MiB or the budget."""
    with path.open("rb") as file:
        data = file.read(LIMIT + 1)
    if len(data) > LIMIT:
        raise TooMuch(f"{path.name} is more than runctl reads (over {LIMIT} bytes)")
    budget.take(len(data), path.name)
    return parse_object(data, path.name)


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("the same key twice")
    return value
