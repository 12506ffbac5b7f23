"""What is known of a checkpoint, and how much may be read to know it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

Scalar = None | bool | int | float | str

KIB = 1024
MIB = 1024 * KIB


class Damaged(Exception):
    """The bytes are not what their format says; the text tells what is wrong."""


class TooMuch(Exception):
    """Reading on would go over the budget; the text tells what was left unread."""


class Budget:
    """How much one description may read: bytes of headers and pickles, and pickle operations.

    It bounds time (a few seconds) and memory (a few hundred MiB) whatever a file claims about itself.
    """

    def __init__(self, size: int = 64 * MIB, operations: int = 2_000_000) -> None:
        self._bytes = size
        self._operations = operations

    def take(self, count: int, what: str) -> None:
        """Pays for reading `count` bytes of `what`. Raises TooMuch when they are not left."""
        if count > self._bytes:
            raise TooMuch(f"{what} is more than runctl reads ({count} bytes)")
        self._bytes -= count

    def take_operation(self) -> None:
        """Pays for one pickle operation. Raises TooMuch when none is left."""
        if self._operations <= 0:
            raise TooMuch("the pickle has more operations than runctl reads")
        self._operations -= 1


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor's or array's name, element type as its library spells it, and shape."""

    name: str
    dtype: str
    shape: tuple[int, ...]

    @property
    def elements(self) -> int:
        return math.prod(self.shape)


@dataclass(frozen=True, slots=True)
class Content:
    """What a file or folder was found to hold.

    `complete` is True when all that it names is there, False when it is damaged, None when that can't be
    told; `reason` says why in words. `facts` are the format's own (versions, protocol), `values` what the
    training wrote at the top level (epoch, global_step, …). `parameters` counts the model's elements,
    buffers included. `imports` are the names that loading would import, `runs_code` those among them that
    are not known to be harmless.
    """

    complete: bool | None
    reason: str
    facts: Mapping[str, Scalar] = field(default_factory=dict)
    keys: tuple[str, ...] = ()
    values: Mapping[str, Scalar] = field(default_factory=dict)
    tensors: tuple[Tensor, ...] = ()
    parameters: int | None = None
    imports: tuple[str, ...] = ()
    runs_code: tuple[str, ...] = ()


def whole_number(value: object) -> int | None:
    """`value` where it is a non-negative int that is no bool, else None."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def as_scalar(value: object) -> Scalar:
    """`value` where it is a scalar that JSON and a line of text can show, else its type's name in brackets."""
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, int) and abs(value) >> 64:
        return "<large int>"
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return f"<{type(value).__name__}>"
