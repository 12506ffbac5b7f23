"""The line on which a key stands, in every layout that TOML allows."""

from __future__ import annotations

import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runctl.core.config.files import key_lines

if sys.version_info >= (3, 11):
    from tomllib import loads
else:
    from tomli import loads

STATEMENTS = [
    "",
    "# comment with [ { \" ''' ",
    "KEY = 1 # ]",
    "KEY = [ # [\n  1, # ]\n\n  2,\n]",
    'KEY = """\nfake = 1\n[fake]\n# "" \\""" \\\\"""',
    "KEY = '''\nfake = 1\n[ ' '' '''",
    'KEY = """a"""""',
    "KEY = '''a'''''",
    "KEY = ['''\n]''', \"]\", '[', \"\\\"]\"]",
    "KEY = {a = [\n1], b = '}'}",
    'KEY = "" # x',
    "KEY = ''",
    "KEY = 1979-05-27T07:32:00Z",
    '"KEY" = "#"',
    "'KEY'.\"a.b\" . c = 1",
    "[KEY]\nx = 1\n\n\ny = {z = 2}",
    "[[KEY]]\n  x = [\n]\n[[KEY]]\ny = 1",
    '[KEY . sub."x ]"] # c\nx = 1',
]


@given(st.lists(st.sampled_from(STATEMENTS)), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_every_top_level_key_is_found_on_its_line(statements: list[str], newline: str, ended: bool) -> None:
    # a key after a table would belong to the table
    statements.sort(key=lambda statement: statement.startswith("["))
    expected: dict[str, int] = {}
    lines: list[str] = []
    for number, statement in enumerate(statements):
        named = statement.replace("KEY", f"key{number}")
        if "KEY" in statement:
            expected[f"key{number}"] = len(lines) + 1
        lines += named.split("\n")
    text = newline.join(lines) + newline * ended
    assert set(loads(text)) == set(expected)
    assert key_lines(text) == expected


def test_a_table_that_is_spread_over_the_file_stands_where_it_is_first_named() -> None:
    assert key_lines("\n[a.b]\nx = 1\n[c]\n[a]\ny = 1\n") == {"a": 2, "c": 4}


@pytest.mark.parametrize(
    "text",
    ['a = """' + "\n\\\\" * 300_000 + '"""', "a = [" + "1,\n" * 300_000 + "]", "#[\n" * 300_000],
    ids=["long string", "long array", "comments"],
)
def test_a_large_file_is_scanned_in_linear_time(text: str) -> None:
    started = time.process_time()
    key_lines(text)
    assert time.process_time() - started < 10
