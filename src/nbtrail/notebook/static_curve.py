"""A curve as a picture: the drawing of ``js/src/widgets/card/chart.ts``, for when no front end runs.

Jupyter takes ``<svg>`` out of outputs that it does not trust and leaves its texts standing there; of an ``<img>``
nothing is left. An image knows no theme, so its greys are readable on light and on dark.
"""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Final

from nbtrail.reading.text import format_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_HEIGHT: Final = 150
_NAME: Final = 18
"""So many letters of a metric's name fit beside the axis."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 8, 24
_STYLE: Final = (
    "text{font:10px system-ui,sans-serif;fill:#808080}.t{font-weight:700}"
    ".g{stroke:#80808040;stroke-width:.6}.a{stroke:#808080;stroke-width:.8}"
    ".c{fill:none;stroke:#1f77b4;stroke-width:1.6;stroke-linejoin:round;stroke-linecap:round}"
)


@dataclass(frozen=True, slots=True)
class _Axis:
    """A range of values and where on the screen it lies."""

    low: float
    high: float
    begin_px: float
    end_px: float

    def px(self, value: float) -> float:
        return self.begin_px + (value - self.low) / ((self.high - self.low) or 1) * (self.end_px - self.begin_px)

    def ticks(self, count: int) -> Iterator[float]:
        step = _round_step((self.high - self.low) / count)
        first, last = math.ceil(self.low / step - 1e-6), math.floor(self.high / step + 1e-6)
        return (float(f"{index * step:.12g}") for index in range(first, last + 1))


def draw_curve(curve: dict[str, Any], *, total: int | None, width: int) -> str:
    """One metric over the steps, with its axes, as an ``<img>``; empty while no point is finite.

    Parameters
    ----------
    curve
        ``metric``, ``steps`` and ``values`` (``None`` for a gap), as in the card's state.
    total
        How many steps there will be, if that is known: the x axis leaves room for them.
    width
        In pixels.
    """
    axes = _axes(curve["steps"], curve["values"], total, width)
    if axes is None:
        return ""
    x, y = axes
    metric = escape(curve["metric"] if len(curve["metric"]) <= _NAME else curve["metric"][: _NAME - 1] + "…")
    middle = (_TOP + _HEIGHT - _BOTTOM) / 2
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{_HEIGHT}"><style>{_STYLE}</style>'
        f"{''.join(_grid(x, y))}"
        f'<text class="t" text-anchor="middle" transform="translate(10 {middle}) rotate(-90)">{metric}</text>'
        f'<path class="c" d="{_path(curve["steps"], curve["values"], x, y)}"/></svg>'
    )
    data = base64.b64encode(svg.encode()).decode()
    return f'<img width="{width}" height="{_HEIGHT}" src="data:image/svg+xml;base64,{data}">'


def _axes(
    steps: Sequence[int], values: Sequence[float | None], total: int | None, width: int
) -> tuple[_Axis, _Axis] | None:
    finite = [value for value in values if value is not None]
    if not finite or not steps:
        return None
    low, high = min(finite), max(finite)
    if low == high:
        room = abs(low) / 10 or 1
        low, high = low - room, high + room
    first, last = min(steps), max(steps)
    if total is not None and first >= 0 and last <= total:
        first, last = 0, total
    across = _Axis(first, max(last, first + 1), _LEFT, width - _RIGHT)
    return across, _Axis(low - (high - low) * 0.05, high, _HEIGHT - _BOTTOM, _TOP)


def _grid(x: _Axis, y: _Axis) -> Iterator[str]:
    for tick in y.ticks(4):
        yield _line("g", x.begin_px, y.px(tick), x.end_px, y.px(tick))
        yield _text(x.begin_px - 6, y.px(tick) + 3, "end", tick)
    for tick in x.ticks(max(2, int((x.end_px - x.begin_px) // 70))):
        if tick.is_integer():
            yield _line("g", x.px(tick), y.end_px, x.px(tick), y.begin_px)
            yield _text(x.px(tick), y.begin_px + 15, "middle", tick)
    yield _line("a", x.begin_px, y.end_px, x.begin_px, y.begin_px)
    yield _line("a", x.begin_px, y.begin_px, x.end_px, y.begin_px)


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, anchor: str, value: float) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{format_number(value)}</text>'


def _path(steps: Iterable[int], values: Iterable[float | None], x: _Axis, y: _Axis) -> str:
    parts, pen = [], "M"
    for step, value in zip(steps, values, strict=True):
        if value is None:
            pen = "M"
            continue
        parts.append(f"{pen}{x.px(step):.1f} {y.px(value):.1f}{'h0.1' if pen == 'M' else ''}")
        pen = "L"
    return "".join(parts)


def _round_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return power * next(nice for nice in (1, 2, 5, 10) if rough / power <= nice + 1e-9)
