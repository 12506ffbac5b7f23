"""What a line of output tells."""

from __future__ import annotations

from typing import Any, NamedTuple


class Finding(NamedTuple):
    """The fields of a `metric` event (`values`, the position as far as it is known, and `output`: the offset of the
    byte after the line), and which bar it was read from: a bar is drawn again and again."""

    fields: dict[str, Any]
    bar: tuple[Any, ...] | None
