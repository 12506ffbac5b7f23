"""What a script is, and what is refused before anything starts."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runctl.core.errors import NotFoundError, RefusedError, UsageError
from runctl.project.inline import read_metadata
from runctl.project.script import check_syntax, inspect_script


def write(path: Path, text: str | bytes = "", mode: int = 0o644) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)
    return path


def interpreter(folder: Path, answer: str, name: str = "python3.99") -> str:
    """A Python of another version, as far as its name and its answer to `compile` go."""
    return str(write(folder / name, f"#!/bin/sh\n{answer}\n", 0o755))


def refused(typed: str) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        inspect_script(typed)
    return caught.value


def test_a_script_is_taken_by_the_name_that_was_typed_in_its_real_folder(folder: Path) -> None:
    write(folder / "real" / "base.py")
    (folder / "real" / "train.py").symlink_to("base.py")
    (folder / "link").symlink_to("real")
    script = inspect_script("link/train.py")
    assert (script.path, script.kind, script.pep723) == (folder / "real" / "train.py", "python", None)


@pytest.mark.parametrize(
    ("name", "text", "mode", "kind"),
    [
        ("a b\n'\"ü.py", "", 0o644, "python"),
        ("train.PY", "", 0o644, "python"),
        ("gui.pyw", "", 0o644, "python"),
        ("train", "#!/usr/bin/env python3\n", 0o644, "python"),
        ("train", "#!/usr/bin/env -S PYTHONPATH=x python3.12 -u\r\n", 0o755, "python"),
        ("train", "#! /opt/python/bin/pypy3\n", 0o755, "python"),
        ("train", "#!/usr/bin/env -S uv run --script\n", 0o755, "python"),
        ("train", "#!/opt/python/bin/bash\n", 0o755, "executable"),
        ("train.sh", "#!/bin/sh\n", 0o755, "executable"),
        ("train", b"\x7fELF\0\0\0", 0o755, "executable"),
    ],
)
def test_the_kind_follows_from_name_first_line_and_mode(
    folder: Path, name: str, text: str | bytes, mode: int, kind: str
) -> None:
    write(folder / name, text, mode)
    assert inspect_script(name).kind == kind


@pytest.mark.parametrize(
    ("name", "text", "mode", "message", "hint"),
    [
        ("a.sh", "echo", 0o644, "not executable", "chmod +x a.sh"),
        ("a", "#!/bin/bash\n", 0o644, "not executable", "chmod +x a"),
        ("a.ipynb", "{}", 0o644, "notebook", "jupyter nbconvert --to script a.ipynb"),
        ("a.ipynb", "{}", 0o755, "notebook", "jupyter nbconvert --to script a.ipynb"),
        ("a.txt", "x", 0o644, "neither a Python script nor executable", ".py"),
        ("a", "echo", 0o755, "without a #! line", "#!/bin/sh"),
        ("a", "", 0o755, "without a #! line", "#!/bin/sh"),
        ("a", "#!/bin/bash\r\n", 0o755, "carriage return", "sed"),
    ],
)
def test_what_can_not_run_is_refused_with_a_way_out(
    folder: Path, name: str, text: str, mode: int, message: str, hint: str
) -> None:
    write(folder / name, text, mode)
    error = refused(name)
    assert message in error.message
    assert hint in (error.hint or "")


def test_a_missing_script_is_answered_with_near_names(folder: Path) -> None:
    write(folder / "src" / "train.py")
    (folder / "src" / "trains.py").mkdir()
    (folder / "src" / "tran.py").symlink_to("tran.py")
    with pytest.raises(NotFoundError, match=r"there is no script src/trian\.py") as caught:
        inspect_script("src/trian.py")
    assert caught.value.hint is not None
    assert "src/train.py" in caught.value.hint
    assert "trains.py" not in caught.value.hint


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("no/train.py", "there is no folder no"),
        ("a\0b", r"there is no script a\\x00b"),
        ("-", "there is no script -"),
        ("train.py/", "there is no script train.py/"),
        ("train.py/x", r"there is no folder train\.py"),
        ("dangling.py", r"dangling\.py is a link to gone\\n\.py, which does not exist"),
    ],
)
def test_what_does_not_exist_is_not_found(folder: Path, typed: str, message: str) -> None:
    write(folder / "train.py")
    (folder / "dangling.py").symlink_to("gone\n.py")
    with pytest.raises(NotFoundError, match=message):
        inspect_script(typed)


def test_a_folder_is_refused_naming_the_scripts_in_it(folder: Path) -> None:
    write(folder / "pkg" / "b.py")
    write(folder / "pkg" / "a.py")
    assert refused("pkg").hint == "name a script in it: pkg/a.py, pkg/b.py"
    write(folder / "pkg" / "__main__.py")
    assert refused("pkg/").hint == "name a script in it: pkg/__main__.py"
    assert "is a folder" in refused(".").message


def test_names_that_no_file_can_have_and_files_that_can_not_be_read_are_refused(folder: Path) -> None:
    (folder / "loop.py").symlink_to("loop.py")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.py")
    os.mkfifo(folder / "pipe.py")
    assert "too long" in refused("x" * 300).message
    assert "Too many levels" in refused("loop.py").message
    assert "is not a file" in refused("pipe.py").message
    assert "is not a file" in refused("socket.py").message
    with pytest.raises(UsageError):
        inspect_script("")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (b"a = 1\nb = = 2\n", "train.py:2: invalid syntax: b = = 2"),
        (b"print 'x'\n", "train.py:1: invalid syntax: Missing parentheses"),
        (b"\n\nreturn 1\n", "train.py:3: invalid syntax: 'return' outside function"),
        (b"# coding: latin-99\n", "unknown encoding: latin-99"),
        (b"x = '\xff'\n", "train.py"),
        (b"a = 1\0\n", "null bytes"),
        (b"x=" + b"(" * 1000 + b")" * 1000, "too many nested parentheses"),
        (b"x=" + b"-" * 100_000 + b"1", "nested too deeply"),
        (b"x=" + b"+".join([b"1"] * 100_000), "nested too deeply"),
        (b"x = \x1b[2J\xe2\x80\xae !", "train.py:1"),
    ],
)
def test_a_syntax_error_is_refused_with_file_and_line(folder: Path, source: bytes, message: str) -> None:
    path = write(folder / "train.py", source)
    with pytest.raises(RefusedError) as caught:
        check_syntax(path, None)
    assert message in caught.value.message
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 300


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"\xef\xbb\xbfx = 1\r\n",
        b"# -*- coding: latin-1 -*-\nx = '\xe9'\n",
        b"x = '\\d'; y = 1 is 1; assert (x, 'always')\n",
        b"raise SystemExit('it was executed')\n",
    ],
)
def test_valid_python_passes_in_silence_and_is_not_executed(
    folder: Path, capfd: pytest.CaptureFixture[str], source: bytes
) -> None:
    check_syntax(write(folder / "train.py", source), sys.executable)
    assert capfd.readouterr() == ("", "")


def test_another_version_of_python_judges_for_itself(folder: Path) -> None:
    new_syntax = write(folder / "new.py", "x = = 1\n")
    check_syntax(new_syntax, interpreter(folder, "echo null"))
    plain = write(folder / "plain.py", "x = 1\n")
    with pytest.raises(RefusedError, match=r"plain\.py:7: invalid syntax: too new"):
        check_syntax(plain, interpreter(folder, """echo '[7, "too new", null]'"""))


def test_an_interpreter_of_unknown_version_is_asked_only_about_errors(folder: Path) -> None:
    shim = interpreter(folder, "echo null; echo asked >> log", "python")
    check_syntax(write(folder / "plain.py", "x = 1\n"), shim)
    assert not (folder / "log").exists()
    check_syntax(write(folder / "new.py", "x = = 1\n"), shim)
    assert (folder / "log").exists()


@pytest.mark.parametrize(
    ("answer", "message"),
    [("echo hello", "does not answer as Python does"), ("kill -9 $$", "crashes"), ("exit 1", "does not answer")],
)
def test_what_is_no_python_is_refused(folder: Path, answer: str, message: str) -> None:
    with pytest.raises(RefusedError, match=message):
        check_syntax(write(folder / "a.py", "x"), interpreter(folder, answer))


def test_the_real_question_is_understood_by_a_real_interpreter(folder: Path) -> None:
    # a copied name makes this very Python look like another version
    python = write(folder / "python3.99", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', 0o755)
    write(folder / "json.py", "raise SystemExit('a module of the project was imported')")
    check_syntax(write(folder / "good.py", "x = '\\d'"), str(python))
    with pytest.raises(RefusedError, match=r"bad\.py:2: invalid syntax: y = = 1"):
        check_syntax(write(folder / "bad.py", "x = 1\ny = = 1"), str(python))


BLOCK = """\
#!/usr/bin/env python3
# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "six",
# ]
#
# [tool.x]
# y = 1
# ///
print()
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_inline_metadata_is_read_as_the_specification_says(folder: Path, newline: str) -> None:
    write(folder / "train.py", BLOCK.replace("\n", newline))
    assert inspect_script("train.py").pep723 == {
        "requires-python": ">=3.11",
        "dependencies": ["six"],
        "tool": {"x": {"y": 1}},
    }


@pytest.mark.parametrize(
    ("source", "table"),
    [
        ("# /// script\n# ///\n", None),  # the expression wants at least one line
        ("# /// script\n#\n# ///\n", {}),
        ("# /// script\n# a = 1\n", None),
        ("# /// script\n#a = 1\n# ///\n", None),
        (" # /// script\n# a = 1\n# ///\n", None),
        ("# /// pyproject\n# a = 1\n# ///\n", None),
        ("# /// script\n# a = 1\n# ///\n# b = 2\n# ///\n", "refused"),  # the last end counts: greedy
        ("# -*- coding: latin-1 -*-\n# /// script\n# a = 'é'\n# ///\n", {"a": "é"}),
        ("# coding: utf-16\n# /// script\n# a = 1\n# ///\n", {"a": 1}),
        ("# coding: hex\n# /// script\n# a = 1\n# ///\n", {"a": 1}),
        ("# coding: no-such\n# /// script\n# a = 1\n# ///\n", {"a": 1}),
    ],
)
def test_borders_of_the_block_are_those_of_the_reference_expression(source: str, table: object) -> None:
    content = source.encode("latin-1")
    if table == "refused":
        with pytest.raises(RefusedError, match=r"train\.py:3: invalid TOML"):
            read_metadata(content, "train.py")
    else:
        assert read_metadata(content, "train.py") == table


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (BLOCK + BLOCK, r"train\.py:13: a second .* line 2"),
        ("x = 1\n# /// script\n# a = 1\n# b = \n# ///\n", r"train\.py:4: invalid TOML"),
        ("# /// script\n# a = [1\n# ///\n", r"train\.py:[234]: invalid TOML"),
        ("# /// script\n# dependencies = 'six'\n# ///\n", r"train\.py:1: .*list of strings"),
        ("# /// script\n# dependencies = [1]\n# ///\n", r"train\.py:1: .*list of strings"),
        ("# /// script\n# dependencies = ['-e .']\n# ///\n", r"train\.py:1: .*not a dependency"),
        ('# /// script\n# dependencies = ["a\\n-e ."]\n# ///\n', r"train\.py:1: .*not a dependency"),
        ("# /// script\n# requires-python = 3.11\n# ///\n", r"train\.py:1: .*must be a string"),
        ("# /// script\n# a = " + "[" * 5000 + "\n# ///\n", r"train\.py:\d+: invalid TOML"),
    ],
)
def test_wrong_inline_metadata_is_refused_with_file_and_line(folder: Path, source: str, message: str) -> None:
    write(folder / "train.py", source)
    with pytest.raises(RefusedError, match=message):
        inspect_script("train.py")


@given(st.binary(max_size=200))
def test_no_bytes_in_a_script_make_anything_but_an_answer_or_a_refusal(source: bytes) -> None:
    for content in (source, b"# /// script\n# " + source + b"\n# ///\n"):
        try:
            read_metadata(content, "train.py")
        except RefusedError as error:
            assert error.message.isprintable()
