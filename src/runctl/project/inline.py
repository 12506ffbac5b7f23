"""Inline script metadata: the `# /// script` block.

https://packaging.python.org/en/latest/specifications/inline-script-metadata/
"""

from __future__ import annotations

import io
import re
import sys
from typing import Any

from runctl.core.errors import RefusedError
from runctl.core.text import printable

# the specification's reference expression, letter for letter
BLOCK = re.compile(r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$")


def read_metadata(source: bytes, shown: str) -> dict[str, Any] | None:
    """The TOML table of the `script` block in `source`; None where there is no such block.

    Raises RefusedError, with `shown` as the file's name and the line in that file, for two blocks, invalid
    TOML, or `dependencies` and `requires-python` of the wrong type.
    """
    if b"# /// script" not in source:
        return None
    text = _decoded(source)
    blocks = [match for match in BLOCK.finditer(text) if match["type"] == "script"]
    if not blocks:
        return None
    lines = [text.count("\n", 0, match.start()) + 1 for match in blocks]
    if len(blocks) > 1:
        raise RefusedError(
            f"{shown}:{lines[1]}: a second `# /// script` block; the first is in line {lines[0]}",
            hint="a script has one block of metadata",
        )
    content = "".join(
        line[2:] if line.startswith("# ") else line[1:] for line in io.StringIO(blocks[0]["content"], newline="\n")
    )
    table = parse_toml(content, shown, lines[0])
    check_requirements(table, f"{shown}:{lines[0]}: the script block")
    return table


def parse_toml(text: str, shown: str, line_before: int = 0) -> dict[str, Any]:
    """`text`, the file's lines from `line_before` + 1 on, as a table. Raises RefusedError with file and line."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        what, _, where = str(error).partition(" (at ")
        found = re.match(r"line (\d+)", where)
        line = int(found[1]) if found else text.count("\n") + 1
        raise RefusedError(f"{shown}:{line_before + line}: invalid TOML: {printable(what)}") from error


def check_requirements(table: dict[str, Any], where: str) -> None:
    """Raises RefusedError unless `dependencies` are one-line strings and `requires-python` is a string."""
    dependencies = table.get("dependencies", [])
    if not isinstance(dependencies, list) or not all(isinstance(one, str) for one in dependencies):
        raise RefusedError(f"{where}: `dependencies` must be a list of strings")
    for one in dependencies:
        # each becomes a line of a requirements file, where it must not turn into an option or two lines
        if not one.strip() or one.lstrip().startswith("-") or printable(one) != one:
            raise RefusedError(f"{where}: {printable(repr(one))} is not a dependency", hint='such as "torch>=2.4"')
    if not isinstance(table.get("requires-python", ""), str):
        raise RefusedError(f"{where}: `requires-python` must be a string", hint='such as ">=3.10"')


def _decoded(source: bytes) -> str:
    import tokenize

    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        return io.TextIOWrapper(io.BytesIO(source), encoding=encoding, errors="replace").read()
    except (SyntaxError, LookupError, UnicodeError):
        # an encoding that is unknown or none of Python source is reported with the script's syntax
        return io.TextIOWrapper(io.BytesIO(source), encoding="utf-8-sig", errors="replace").read()
