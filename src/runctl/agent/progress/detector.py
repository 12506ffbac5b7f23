"""From bytes to findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Iterator

from runctl.agent.progress.finding import Finding
from runctl.agent.progress.lines import Lines

if TYPE_CHECKING:
    from runctl.agent.progress.recognition import Recognition


class Detector:
    """Follows what a script prints. Where it is in the output decides nothing: fed in other pieces, the same lines
    tell the same."""

    def __init__(self) -> None:
        self._lines = Lines()
        self._made: Recognition | None = None

    @property
    def examined(self) -> int:
        """How many bytes have been looked at closely: the work that was done."""
        return self._lines.examined

    def feed(self, data: bytes) -> Iterator[Finding]:
        """Yields what the lines tell that are ended by now, where it is something new."""
        for line in self._lines.feed(data):
            finding = self._recognition.take(line)
            self._lines.follow = self._recognition.follow
            if finding:
                yield finding

    def finish(self) -> Iterator[Finding]:
        """What a last line tells that nothing ended."""
        return self.feed(b"\n")

    def pending_bar(self) -> Finding | None:
        """What the bar shows that is drawn last, and that nothing has ended yet."""
        line = self._lines.pending()
        return self._recognition.take(line) if line and self._recognition.is_bar(line) else None

    def skip_to(self, offset: int) -> None:
        """Goes on with the line that begins at `offset`; the script still is where it was."""
        self._lines.skip_to(offset)
        if self._made:
            self._made.skip()

    @property
    def _recognition(self) -> Recognition:
        # its patterns take longer to make than a short script runs, and many print nothing of interest
        if self._made is None:
            from runctl.agent.progress.recognition import Recognition

            self._made = Recognition()
        return self._made
