"""From lines to metrics: which format a line has, what it tells, and whether it is to be believed."""

from __future__ import annotations

import re
from typing import Any

from runctl.agent.progress import bars, markers, numbers, prefixes, records, words
from runctl.agent.progress.boxes import Box
from runctl.agent.progress.finding import Finding
from runctl.agent.progress.lines import Line
from runctl.agent.progress.nesting import Nesting, key_of
from runctl.agent.progress.position import Position
from runctl.agent.progress.tables import Row, Table

_SOURCE_LINE = re.compile(r"\s*(?:>>>|\$) |\s*file \".*\", line \d+|.{0,300}\.py:\d+: |\s*\d*\s*(?:-->|❱|│)")
_CODE = re.compile(
    r"(?:error|warning|exception|note):\s+(?![-+.\d])|://|\w\(\w+=|[\w)\]]\s?[=!<>]=\s?[\w'\"]|\breturn\b|\bself\.|\bassert\b|\bdef\b|"
    r"\bimport\b|\bnamespace\(|\bif \b|[{};]$|^(?:\"[^\"]*\"|'[^']*')\s*:"
)
_PAIR = re.compile(r"[-*]?\s?['\"]?([\w./@()-][\w ./@()-]{0,60})['\"]?\s*[:=]")
_RESULTS_ALONE = re.compile(r"(?:[a-z_]+(?: [a-z_]+){0,2} [-+]?\d{0,9}\.\d{1,20}(?:e[-+]?\d{1,3})?[,;]?\s{0,3}){1,20}")
_OTHER_PHASE = re.compile(r"\[?(?:test|val|valid|validation|eval|evaluation|evaluating)\b[^\[]{0,12}\[\s*\d+\s*/\s*\d+")
_MOST_VALUES = 200


class Recognition:
    """Knows which formats a script prints and where it is, line by line."""

    def __init__(self) -> None:
        self._position = Position()
        self._nesting = Nesting(self._position)
        self._table = Table()
        self._box = Box()
        self._of_training: set[str] = set()
        self._in_block = False
        self._shown: dict[str, Any] = {}
        self._bar_key: tuple[Any, ...] | None = None

    @property
    def follow(self) -> bool:
        """Whether the next lines count whatever words are in them: a table is open."""
        return self._table.open or self._box.open or self._in_block

    def skip(self) -> None:
        """Lines are passed over: no table is open any more, but the script still is where it was."""
        self._table, self._box = Table(), Box()
        self._in_block = False

    def is_bar(self, line: Line) -> bool:
        """Whether a line draws a bar."""
        return bars.parse(prefixes.stripped(line.text) or "") is not None

    def take(self, line: Line) -> Finding | None:
        """What a line tells, where it is something new."""
        self._bar_key = None
        values = self._values(line)
        position = self._position.fields()
        if not values and (values is None or position == self._shown):
            return None
        self._shown = position
        shown = {name: numbers.json_value(value) for name, value in list(values.items())[:_MOST_VALUES]}
        return Finding({"values": shown, **position, "output": line.end}, self._bar_key)

    def _values(self, line: Line) -> dict[str, float] | None:
        """The metrics of a line, none for a line that may have moved the position alone; None for any other line."""
        if "\0" in line.text:
            return None
        text = prefixes.stripped(line.text)
        if not text:
            self._in_block = False
            return None
        if self._box.take(text):
            return None
        if self._box.open:
            ended = self._box.ended(text)
            if ended:
                return ended[1] if self._position.advance(ended[0], None) else None
        if self._table.open:
            row = self._table.row(text)
            if row:
                return self._row(row, text)
        if self._table.begin(text):
            return None
        if text.startswith("***") and text.endswith(" metrics *****"):
            self._in_block = True
            return None
        bar = bars.parse(text)
        if bar:
            return self._bar(bar)
        if "{" in text and "}" in text:
            return self._record(text)
        return self._sentence(text, line)

    def _row(self, row: Row, text: str) -> dict[str, float] | None:
        position = self._position
        # fastai's rows count from 0 and its bars from 1: the row's values are those of the epoch that is in force
        if row.epoch is not None and (position.epoch is None or row.epoch >= position.epoch):
            position.enter_epoch(row.epoch, row.total_epochs)
            bar = bars.parse(text)
            if bar and bar.total:
                position.within_epoch(bar.done, bar.total)
                self._bar_key = (*key_of(bar), row.epoch)
        if row.step is not None and not position.advance(row.step, None):
            return None
        return row.values

    def _bar(self, bar: bars.Bar) -> dict[str, float] | None:
        values = {}
        for text in (bar.description, bar.tail):
            _, rest = markers.found_in(text)
            for one in numbers.named(numbers.without_clocks(rest)):
                if (one.sure or words.is_known(one.name)) and not words.is_other(one.name):
                    values[one.name] = one.value
        is_training = self._nesting.draw(bar, any(map(words.is_known, values)))
        self._bar_key = (*key_of(bar), self._position.epoch)
        if is_training:
            return values
        validation = {name: value for name, value in values.items() if words.of_validation(name)}
        return validation if bar.counts_steps and not bar.keras else None

    def _record(self, text: str) -> dict[str, float] | None:
        before, _, rest = text.partition("{")
        marker, _ = markers.found_in(before)
        if len(before) > 80:
            return None
        found = records.parse("{" + rest, marker is not None)
        if found is None:
            return None
        marker = marker or markers.Marker()
        marker = marker._replace(
            epoch=found.epoch if found.epoch is not None else marker.epoch,
            total_epochs=found.total_epochs or marker.total_epochs,
            step=found.step if found.step is not None else marker.step,
            total_steps=found.total_steps or marker.total_steps,
        )
        return found.values if self._move(marker, True) else None

    def _sentence(self, text: str, line: Line) -> dict[str, float] | None:
        if _CODE.search(text) or _SOURCE_LINE.match(line.before) or _SOURCE_LINE.match(line.text):
            return None
        marker, rest = markers.found_in(text)
        rest = numbers.without_clocks(rest)
        found = list(numbers.named(rest))
        if _OTHER_PHASE.match(text):
            return self._of_other_phase(found)
        settings = sum(words.is_setting(one.name) for one in found)
        if marker is None:
            return None if settings else self._without_marker(text, line, found)
        if settings > 1:
            return None
        values = {one.name: one.value for one in found if self._belongs(one)}
        if not values and not markers.announces_epoch(text):
            return None
        if not self._move(marker, bool(values)):
            return None
        self._of_training.update(values)
        return values

    def _of_other_phase(self, found: list[numbers.Named]) -> dict[str, float] | None:
        """Of a line that counts the steps of a validation: the metrics that training does not print."""
        if not self._of_training:
            return None
        values = {one.name: one.value for one in found if words.is_result(one.name)}
        return {name: value for name, value in values.items() if name not in self._of_training} or None

    def _without_marker(self, text: str, line: Line, found: list[numbers.Named]) -> dict[str, float] | None:
        before, _ = markers.found_in(prefixes.stripped(line.before) or "")
        if before and before.epoch is not None:
            values = {one.name: one.value for one in found if one.sure and one.exact and self._belongs(one)}
            return values or None
        values = {one.name: one.value for one in found if words.is_result(one.name) and one.exact and one.cell}
        if values and all(one.cell for one in found):
            return values
        if _RESULTS_ALONE.fullmatch(text):
            return {one.name: one.value for one in found if words.is_result(one.name) and one.exact} or None
        if not self._stands_alone(text, line, found):
            return None
        return {one.name: one.value for one in found if words.is_known(one.name) and one.sure}

    def _belongs(self, one: numbers.Named) -> bool:
        """Whether a named number of a line that says an epoch or a step is a metric."""
        if words.is_setting(one.name) or words.is_other(one.name):
            return False
        return one.sure or one.cell or words.is_known(one.name)

    def _stands_alone(self, text: str, line: Line, found: list[numbers.Named]) -> bool:
        """Whether a line that says neither epoch nor step is one of results all the same."""
        sure = [one for one in found if one.sure]
        results = sum(words.is_result(one.name) and one.exact for one in sure)
        if not results:
            return False
        if self._in_block or results > 1:
            return True
        if not all(words.is_known(one.name) or words.is_other(one.name) or not one.exact for one in sure):
            return False
        before = _PAIR.match(line.before.strip()) if _PAIR.match(text) and len(sure) == 1 else None
        return before is None or words.is_result(numbers.plain_name(before.group(1))) or "epoch" in line.before

    def _move(self, marker: markers.Marker, has_values: bool) -> bool:
        """Goes where a marker says. Returns whether the line is to be believed."""
        position = self._position
        if marker.epoch is not None:
            if position.is_past(marker.epoch):
                return False
            if not isinstance(marker.epoch, int) and not has_values:
                return False
            position.enter_epoch(marker.epoch, marker.total_epochs)
            self._nesting.enter_epoch()
        if marker.phase in ("val", "test"):
            return True
        if marker.within is not None and marker.of_epoch:
            position.within_epoch(marker.within, marker.of_epoch)
        elif marker.step is not None:
            if not has_values:
                return marker.epoch is not None
            if marker.total_steps and position.in_epochs() and marker.epoch is None and self._is_local(marker):
                position.within_epoch(marker.step, marker.total_steps)
                return True
            return position.advance(marker.step, marker.total_steps)
        return True

    def _is_local(self, marker: markers.Marker) -> bool:
        """Whether `step n/m` counts within the epoch: it does unless it counted before there were epochs."""
        return self._position.total_steps != marker.total_steps
