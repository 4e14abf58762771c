"""Figures as people read them."""

from __future__ import annotations

_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))
_TEN, _NEARLY_ALL, _HUNDRED = 10, 99.5, 100


def duration(seconds: float) -> str:
    """Two or three digits and a unit: ``0.47 µs``, ``13.7 ms``, ``2.60 s``."""
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{digits(seconds / size)} {unit}"
    return f"{seconds * 1e6:.2f} µs"


def digits(number: float) -> str:
    """Three digits that count, and thousands set apart."""
    if abs(number) >= _HUNDRED:
        return f"{number:,.0f}"
    return f"{number:.1f}" if abs(number) >= _TEN else f"{number:.2f}"


def percent(share: float) -> str:
    """``0 %`` only for nothing at all, and ``100 %`` only for everything."""
    if share == 0:
        return "0 %"
    if _NEARLY_ALL <= share < _HUNDRED:
        return f"{min(share, 99.9):.1f} %"
    return f"{share:.0f} %" if share >= _TEN else f"{share:.1g} %" if share < 1 else f"{share:.1f} %"


def rate(per_s: float) -> str:
    """Points a second, in thousands or millions."""
    if per_s < 1e3:
        return f"{per_s:.0f}/s"
    return f"{per_s / 1e6:.2f} M/s" if per_s >= 1e6 else f"{per_s / 1e3:,.1f} k/s"


def megabytes(count: float) -> str:
    """Whole megabytes; of one and less, a digit more."""
    return f"{count / 1e6:,.0f} MB" if count >= 10e6 else f"{count / 1e6:.1f} MB"


def times(ratio: float) -> str:
    """``3.2 ×``."""
    return f"{digits(ratio)} ×"
