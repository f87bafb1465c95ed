"""Charts as SVG inside the page, drawn by pygal. The sheet of staff's pages gives them their colours and type.

pygal's own styles and scripts are left out: the security policy lets no page have any inside. A chart is one picture to
who cannot see it, with its caption for a name; the table behind it says the same.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

import pygal
from markupsafe import Markup
from pygal.style import Style

# pygal leaves a finder behind for its plug-ins, of which we have none; at every later import Python warns that it is of
# an old kind.
sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)]

WIDTH = 400
"""In the drawing's own units: wide enough for words on a phone, where a unit is most of a pixel."""
ROW = 34
HEIGHT = 220
KEPT = 200
"""Charts that are kept, by what they show: drawing takes longer than anything else on the page."""
LABELS = 6
"""How many of many columns are named."""
_TYPE = Style(label_font_size=15, major_label_font_size=15, value_font_size=15)
"""Only the sizes matter: pygal leaves room by them."""
_ROOM = 1.22
"""The axis is so much longer than the longest bar, for the number beside it."""
MOST_STEPS, _STEPS = 4, (1, 2, 5)
"""Into how many steps an axis is divided at the most, and by what its steps are counted."""
_SUPERFLUOUS = ("defs", "title", "desc")


class _Quick:
    """A chart that is drawn once, in a third of the time that pygal's own take.

    pygal looks each attribute up in the chart's state first, by way of Python code, some thousand times a chart. Here
    the state and the chart are one. And nothing is put in that `_drawn` would take out.
    """

    __getattribute__ = object.__getattribute__

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        if name == "state" and value is not None:
            vars(self).update(vars(value) | {"state": value})
            value.__dict__ = vars(self)

    def _tooltip_data(self, *_about: object, **_more: object) -> None:
        """Leave out what pygal's script would show when a bar is pointed at."""

    def _draw(self) -> None:
        """Draw, and leave out the sheet and the script."""
        super()._draw()  # type: ignore[misc] # of the chart beside it
        self.svg.add_styles = self.svg.add_scripts = _nothing  # type: ignore[attr-defined] # as above


def _nothing() -> None:
    """Add nothing."""


class HorizontalBar(_Quick, pygal.HorizontalBar):
    """Lying bars. Our sheet knows them by the name of this class, which pygal writes into the picture."""


class VerticalBar(_Quick, pygal.Bar):
    """Standing bars."""


class Bar(NamedTuple):
    """One bar."""

    label: str
    number: int
    shown: str = ""
    """The number as it is written."""


@lru_cache(KEPT)
def bars(caption: str, rows: tuple[Bar, ...]) -> Markup:
    """Lying bars, the first on top, each with its number beside it; nothing where all are nought."""
    if not any(row.number for row in rows):
        return Markup("")
    chart = _chart(HorizontalBar, ROW * len(rows), print_values=True, print_values_position="top")
    chart.show_x_labels = chart.show_x_guides = False
    chart.range = (0, max(row.number for row in rows) * _ROOM)
    chart.x_labels = [row.label for row in reversed(rows)]
    chart.add("", [{"value": row.number, "formatter": _saying(row.shown)} for row in reversed(rows)])
    return _drawn(chart, caption)


@lru_cache(KEPT)
def columns(caption: str, rows: tuple[Bar, ...]) -> Markup:
    """Standing bars in the order of time; of many some are named. Nothing where all are nought."""
    if not any(row.number for row in rows):
        return Markup("")
    chart = _chart(VerticalBar, HEIGHT)
    every = -(-len(rows) // LABELS)
    chart.x_labels = [row.label if place % every == 0 else "" for place, row in enumerate(rows)]
    chart.y_labels = _whole(max(row.number for row in rows))
    chart.add("", [row.number for row in rows])
    return _drawn(chart, caption)


def _whole(highest: int) -> list[int]:
    """Some round numbers up to the highest and beyond, for an axis: there are no halves of people."""
    step = next(step for power in range(20) for one in _STEPS if (step := one * 10**power) * MOST_STEPS >= highest)
    return list(range(0, highest + step, step))


def _chart(kind: Any, height: int, **settings: Any) -> Any:
    plain: dict[str, Any] = {"js": [], "css": [], "no_prefix": True, "show_legend": False, "margin": 4, "style": _TYPE}
    return kind(width=WIDTH, height=height, spacing=4, max_scale=5, truncate_label=-1, **plain, **settings)


def _saying(text: str) -> Callable[[object], str]:
    return lambda _value: text


def _drawn(chart: Any, caption: str) -> Markup:
    """The chart without anything that the policy forbids or that would be read out twice."""
    root = chart.render_tree()
    for parent in list(root.iter()):
        for child in [child for child in parent if _is_superfluous(child)]:
            parent.remove(child)
    root.attrib.pop("id", None)
    root.attrib.update({"role": "img", "aria-label": caption})
    return Markup(ET.tostring(root, encoding="unicode"))  # noqa: S704 - escaped by ElementTree


def _is_superfluous(part: Element) -> bool:
    """Whether it is a comment, or says what the caption and the table say."""
    return not isinstance(part.tag, str) or part.tag in _SUPERFLUOUS or "tooltip-overlay" in part.get("class", "")
