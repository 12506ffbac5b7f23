"""Plots as files: PNG, SVG, and HTML that stands alone and tells the points under the mouse."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runctl.core.errors import RefusedError, UsageError
from runctl.core.text import printable
from runctl.ui.plots import X_LABELS, Panel, segments, thinned

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SUFFIXES = (".png", ".svg", ".html")
_WIDTH_IN, _HEIGHT_IN, _DPI = 8.0, 4.0, 144
_MOST_POINTS = 4000
_LONGEST_NAME = 120
_SETTINGS: Any = {
    # names are hostile text, not formulas
    "text.parse_math": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "runctl",
    "font.family": "sans-serif",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
}


def check_target(path: Path) -> None:
    """Raises UsageError for a suffix that no plot is written as, RefusedError where no file can be made."""
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"-o {printable(str(path))}: a plot is a {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]} file")
    if not path.parent.is_dir():
        raise RefusedError(f"-o {printable(str(path))}: there is no folder {printable(str(path.parent))}")
    if path.is_dir():
        raise RefusedError(f"-o {printable(str(path))} is a folder")


def write(shown: Sequence[Panel], path: Path) -> None:
    """Draws the panels, one below the other, into a file; one that exists is replaced whole. Raises OSError."""
    kind = path.suffix.lower()
    with warnings.catch_warnings():
        # a letter that its font lacks is shown as a box; nobody can do anything about that here
        warnings.simplefilter("ignore")
        data = _rendered(shown, kind)
    _replace(path, data)


def _replace(path: Path, data: bytes) -> None:
    import tempfile

    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name[:100]}.", delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(data)
            file.flush()
            # a temporary file can be read by nobody else; what it replaces, or an ordinary new file, perhaps can
            temporary.chmod(path.stat().st_mode if path.exists() else 0o666 & ~_umask())
            temporary.replace(path)
        except OSError:
            temporary.unlink()
            raise


def _umask() -> int:
    import os

    mask = os.umask(0)
    os.umask(mask)
    return mask


def _rendered(shown: Sequence[Panel], kind: str) -> bytes:
    import matplotlib

    with matplotlib.rc_context():
        # what people set up for their own figures, such as LaTeX for all texts, is not meant for these
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        figure, axes = _figure(shown)
        if kind == ".html":
            from runctl.ui.html_plot import page

            return page(shown, _saved(figure, "svg").decode(), _places(shown, figure, axes))
        return _saved(figure, kind[1:])


def _saved(figure: Figure, kind: str) -> bytes:
    target = io.BytesIO()
    metadata = {"Date": None, "Creator": "runctl"} if kind == "svg" else {"Software": "runctl"}
    figure.savefig(target, format=kind, dpi=_DPI, metadata=metadata)
    return target.getvalue()


def _figure(shown: Sequence[Panel]) -> tuple[Figure, list[Axes]]:
    # not pyplot: it looks for a display
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDTH_IN, _HEIGHT_IN * len(shown)), layout="constrained")
    axes = list(figure.subplots(len(shown), squeeze=False)[:, 0])
    for panel, area in zip(shown, axes, strict=True):
        _draw(panel, area)
    return figure, axes


def _draw(panel: Panel, area: Axes) -> None:
    for index, series in enumerate(panel.series):
        colour = f"C{index % 10}"
        label: str | None = series.run_id
        for segment in segments(series.points):
            xs, ys = zip(*thinned(segment, _MOST_POINTS), strict=True)
            area.plot(
                xs, ys, color=colour, label=label, linewidth=1.3, marker="o" if len(segment) < 3 else None, markersize=3
            )
            label = None
    area.set_title(printable(panel.metric)[:_LONGEST_NAME])
    area.set_xlabel(X_LABELS[panel.x])
    if panel.finite():
        area.legend(fontsize="small", ncols=1 + len(panel.series) // 12)
    else:
        area.text(0.5, 0.5, "none of its values is finite", transform=area.transAxes, ha="center")


def _places(shown: Sequence[Panel], figure: Figure, axes: list[Axes]) -> list[list[list[float]]]:
    """Where the points are in the drawing, in units of the SVG (1/72 inch from its upper left corner), and their
    values: x, y, place, value, index of the series; a list for each panel."""
    found = []
    for panel, area in zip(shown, axes, strict=True):
        points: list[list[float]] = []
        for index, series in enumerate(panel.series):
            for segment in segments(series.points):
                for x, y in thinned(segment, _MOST_POINTS):
                    across, up = area.transData.transform((x, y)) * 72 / figure.dpi
                    points.append([round(across, 1), round(figure.get_figheight() * 72 - up, 1), x, y, index])
        found.append(points)
    return found
