"""What was measured, beside what it is compared with and what it was to be."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

Unit = Literal["s", "×", "%", "MiB", "modules"]


class Sample(NamedTuple):
    """Repeated measurements of one thing."""

    values: tuple[float, ...]
    unit: Unit = "s"

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def quartiles(self) -> tuple[float, float]:
        """The spread: a quarter of the values lies below the first, a quarter above the second."""
        if len(self.values) == 1:
            return self.values[0], self.values[0]
        low, _, high = statistics.quantiles(self.values, n=4, method="inclusive")
        return low, high

    def text(self) -> str:
        """The median, and the quartiles when there are several values."""
        text = quantity(self.median, self.unit)
        if len(self.values) == 1:
            return text
        low, high = self.quartiles
        return f"{text} ({quantity(low, self.unit)}–{quantity(high, self.unit)})"


class Row(NamedTuple):
    """One line of the table. `result` is in `unit`; `limit` is the most it may be, None where it only informs."""

    part: str
    what: str
    measured: Sample
    against: str
    reference: Sample | None
    result: float
    unit: Unit
    limit: float | None

    @property
    def met(self) -> bool | None:
        return None if self.limit is None else self.result <= self.limit


def ratio(part: str, what: str, measured: Sample, against: str, reference: Sample, limit: float | None = None) -> Row:
    """A row whose result is how many times `reference` the median is."""
    return Row(part, what, measured, against, reference, measured.median / reference.median, "×", limit)


def excess(part: str, what: str, measured: Sample, against: str, reference: Sample, limit: float | None = None) -> Row:
    """A row whose result is by how much the median is above that of `reference`."""
    return Row(part, what, measured, against, reference, measured.median - reference.median, measured.unit, limit)


def value(part: str, what: str, measured: Sample, limit: float | None = None) -> Row:
    """A row whose result is the median itself."""
    return Row(part, what, measured, "", None, measured.median, measured.unit, limit)


def quantity(number: float, unit: Unit) -> str:
    """A number as people read it: three digits, and milli- or microseconds below a second."""
    if unit == "s" and abs(number) < 1e-3:
        return f"{number * 1e6:.3g} µs"
    if unit == "s" and abs(number) < 1:
        return f"{number * 1000:.3g} ms"
    return f"{number:.3g} {unit}"


def as_table(rows: Iterable[Row], machine: str) -> str:
    """The rows as one Markdown table."""
    head = ["", "what", "median (quartiles)", "against", "its median (quartiles)", "result", "target", "met"]
    lines = [head, ["---"] * len(head), *map(_cells, rows)]
    return "\n".join([machine, "", *("| " + " | ".join(cells) + " |" for cells in lines)])


def as_document(rows: Iterable[Row], machine: str) -> dict[str, Any]:
    """The rows as JSON: medians, quartiles and numbers of values, seconds unless a unit says otherwise."""
    return {"machine": machine, "rows": [_entry(row) for row in rows]}


def _cells(row: Row) -> list[str]:
    return [
        row.part,
        row.what,
        row.measured.text(),
        row.against,
        row.reference.text() if row.reference else "",
        quantity(row.result, row.unit),
        "" if row.limit is None else f"≤ {quantity(row.limit, row.unit)}",
        {True: "yes", False: "**no**", None: ""}[row.met],
    ]


def _entry(row: Row) -> dict[str, Any]:
    return {
        "part": row.part,
        "what": row.what,
        "measured": _summary(row.measured),
        "against": row.against or None,
        "reference": row.reference and _summary(row.reference),
        "result": row.result,
        "unit": row.unit,
        "limit": row.limit,
        "met": row.met,
    }


def _summary(sample: Sample) -> dict[str, Any]:
    low, high = sample.quartiles
    return {"median": sample.median, "low": low, "high": high, "unit": sample.unit, "count": len(sample.values)}
