"""How busy a machine is, drawn again and again, as `top` does."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from runctl.machines.machine_load import Load
from runctl.ui.console import coloured
from runctl.ui.machine_load import load_lines

if TYPE_CHECKING:
    from rich.text import Text

_WIDE = 200  # cells of a line where there is no terminal


class LoadScreen:
    """Shows one load after another: on a terminal in place of the last one, elsewhere below it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._load: Load | None = None
        self._remark = ""

    def show(self, loads: Iterable[Load]) -> None:
        """Shows loads as they come. Raises what their source raises."""
        if sys.stdout.isatty():
            self._draw(loads)
            return
        for load in loads:
            sys.stdout.write("\n".join([*load_lines(load, self._name, _WIDE), "", ""]))
            sys.stdout.flush()

    def remark(self, text: str) -> None:
        """Shows a remark until the next load comes."""
        self._remark = text

    def _draw(self, loads: Iterable[Load]) -> None:
        from rich.console import Console
        from rich.live import Live

        console = Console(no_color=not coloured(sys.stdout), highlight=False, markup=False)
        # a screen of its own: what stood on the terminal is there again afterwards
        with Live(console=console, get_renderable=self._picture, screen=True, refresh_per_second=4):
            for load in loads:
                self._load, self._remark = load, ""

    def _picture(self) -> Text:
        from rich.text import Text

        cells, rows = shutil.get_terminal_size()
        remark = self._remark or "Ctrl-C leaves"
        lines = load_lines(self._load, self._name, cells, rows - 1) if self._load else ["measuring …"]
        return Text("\n".join([*lines, remark][:rows]), no_wrap=True, overflow="crop")
