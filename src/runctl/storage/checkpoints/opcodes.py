"""Pickle operations one by one, like `pickletools.genops`, but never holding a giant argument."""

from __future__ import annotations

import io
import os
import pickletools
from collections.abc import Iterator
from typing import BinaryIO

from runctl.storage.checkpoints.content import KIB, Budget, Damaged, TooMuch

_OPCODES = {opcode.code.encode("latin-1"): opcode for opcode in pickletools.opcodes}
# pickletools' marks for "this many bytes of length, then that many bytes": width, signed
_COUNTED = {-2: (1, False), -3: (4, True), -4: (4, False), -5: (8, False)}
_KEPT_TEXT = 4 * KIB
_KEPT_INT = 16
_LINE_LIMIT = 64 * KIB


class Unread:
    """A value that was passed over: bytes, or a text or number too long to be of interest."""


class Source:
    """A file to read a pickle from, paid for from a budget."""

    def __init__(self, file: BinaryIO, budget: Budget) -> None:
        self._file = file
        self._budget = budget
        self.size = file.seek(0, os.SEEK_END)
        file.seek(0)

    @classmethod
    def of_bytes(cls, data: bytes, budget: Budget) -> Source:
        return cls(io.BytesIO(data), budget)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, count: int) -> bytes:
        """Exactly `count` bytes. Raises Damaged where the file ends before."""
        if count < 0:
            raise Damaged("a length below zero")
        if count > self.size - self.tell():
            raise Damaged("cut short: the file ends within the pickle")
        self._budget.take(count, "the pickle")
        return self._file.read(count)

    def readline(self) -> bytes:
        """The rest of the line with its newline."""
        line = self._file.readline(_LINE_LIMIT)
        self._budget.take(len(line), "the pickle")
        if len(line) == _LINE_LIMIT:
            raise TooMuch("the pickle has a line that is longer than runctl reads")
        return line

    def skip(self, count: int) -> None:
        """Passes over `count` bytes. Raises Damaged where the file ends before."""
        if count < 0 or count > self.size - self.tell():
            raise Damaged("cut short: the file ends within the pickle")
        self._file.seek(count, os.SEEK_CUR)

    def take_operation(self) -> None:
        self._budget.take_operation()


def operations(source: Source) -> Iterator[tuple[str, object]]:
    """The operations of one pickle up to its STOP: name and argument. Raises Damaged, TooMuch."""
    name = ""
    while name != "STOP":
        source.take_operation()
        code = source.read(1)
        opcode = _OPCODES.get(code)
        if opcode is None:
            raise Damaged(f"byte {code!r} at {source.tell() - 1} is no pickle operation")
        name = opcode.name
        yield name, _argument(opcode.arg, source)


def _argument(kind: pickletools.ArgumentDescriptor | None, source: Source) -> object:
    if kind is None:
        return None
    if kind.n in _COUNTED:
        return _counted(kind, source)
    if kind.name.startswith("stringnl"):
        return _lines(kind.name, source)
    try:
        return kind.reader(source)  # type: ignore[arg-type]  # it calls read(n) and readline(), no more
    except (ValueError, UnicodeDecodeError) as error:
        raise Damaged(f"a {kind.name} of the pickle is wrong") from error


def _lines(kind: str, source: Source) -> object:
    # pickletools undoes escapes here that the real unpickler leaves as they are
    if kind == "stringnl_noescape_pair":
        return f"{_line(source)} {_line(source)}"
    line = _line(source)
    if kind == "stringnl_noescape":
        return line
    if len(line) < 2 or line[0] != line[-1] or line[0] not in "'\"":
        raise Damaged("a text of the pickle lacks its quotes")
    return Unread() if "\\" in line else line[1:-1]


def _line(source: Source) -> str:
    line = source.readline()
    if not line.endswith(b"\n"):
        raise Damaged("cut short: the file ends within the pickle")
    return _text(line[:-1])


def _counted(kind: pickletools.ArgumentDescriptor, source: Source) -> object:
    width, signed = _COUNTED[kind.n]
    length = int.from_bytes(source.read(width), "little", signed=signed)
    if kind.name.startswith("byte") or length > _limit(kind.name):
        source.skip(length)
        return Unread()
    data = source.read(length)
    if kind.name.startswith("long"):
        return int.from_bytes(data, "little", signed=True)
    if kind.name.startswith("string"):
        return data.decode("latin-1")
    return _text(data)


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise Damaged("a text of the pickle is not UTF-8") from error


def _limit(kind: str) -> int:
    return _KEPT_INT if kind.startswith("long") else _KEPT_TEXT
