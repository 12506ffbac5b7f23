"""The plot as one HTML file: the drawing, its points as data, and a few lines that show those under the mouse."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence

from runctl.core.text import printable
from runctl.ui.plots import X_LABELS, Panel

_ALLOWED = "style-src 'unsafe-inline'; script-src 'unsafe-inline'"
_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; {allowed}">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ margin: 1rem auto; max-width: 72rem; font: 15px/1.4 system-ui, sans-serif; background: #fff; color: #222 }}
#plot {{ position: relative }}
#plot svg {{ width: 100%; height: auto; display: block }}
#mark {{ position: absolute; width: 9px; height: 9px; margin: -6px; border: 2px solid #222; border-radius: 50%;
  pointer-events: none }}
#tip {{ position: absolute; padding: .3rem .5rem; border-radius: 4px; background: #222; color: #fff; font-size: 13px;
  white-space: pre; pointer-events: none }}
</style>
</head>
<body>
<div id="plot">
{svg}
<div id="mark" hidden></div><div id="tip" hidden></div>
</div>
<script type="application/json" id="data">{data}</script>
<script>
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const plot = document.getElementById("plot"), svg = plot.querySelector("svg");
const mark = document.getElementById("mark"), tip = document.getElementById("tip");
plot.addEventListener("mousemove", event => {{
  const box = svg.getBoundingClientRect(), scale = box.width / svg.viewBox.baseVal.width;
  const x = (event.clientX - box.left) / scale, y = (event.clientY - box.top) / scale;
  let best = null, distance = 40 * 40;
  for (const panel of data) for (const point of panel.points) {{
    const far = (point[0] - x) ** 2 + (point[1] - y) ** 2;
    if (far < distance) {{ distance = far; best = [panel, point]; }}
  }}
  mark.hidden = tip.hidden = best === null;
  if (best === null) return;
  const [panel, [left, top, place, value, index]] = best;
  tip.textContent = `${{panel.runs[index]}}\\n${{panel.metric}}: ${{value}}\\n${{panel.x}}: ${{place}}`;
  mark.style.left = left * scale + "px"; mark.style.top = top * scale + "px";
  tip.style.left = Math.min(left * scale + 12, box.width - tip.offsetWidth) + "px";
  tip.style.top = top * scale + 12 + "px";
}});
plot.addEventListener("mouseleave", () => {{ mark.hidden = tip.hidden = true; }});
</script>
</body>
</html>
"""


def page(shown: Sequence[Panel], svg: str, places: list[list[list[float]]]) -> bytes:
    """The page. `places` are, for each panel, x and y in the drawing, place and value, and the series' index."""
    data = [
        {
            "metric": printable(panel.metric),
            "x": X_LABELS[panel.x],
            "runs": [series.run_id for series in panel.series],
            "points": points,
        }
        for panel, points in zip(shown, places, strict=True)
    ]
    # in a script element only `<` could end it, or begin a comment
    text = json.dumps(data, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    title = html.escape(", ".join(printable(panel.metric) for panel in shown))
    return _PAGE.format(allowed=_ALLOWED, title=title, svg=svg[svg.index("<svg") :], data=text).encode()
