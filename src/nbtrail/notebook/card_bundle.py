"""The card as a bundle that needs no kernel: JSON for front ends with the extension, HTML and text for all others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from nbtrail.notebook.static_html import CURVES, card_html, card_text

if TYPE_CHECKING:
    from collections.abc import Iterable

CARD_MIME: Final = "application/vnd.nbtrail.card+json"
_DIGITS: Final = 6
"""Significant digits of a curve's values, which are drawn and not read."""


def card_bundle(state: dict[str, Any], *, now: float) -> dict[str, Any]:
    """What a notebook keeps of a card. ``docs/widgets.md`` says how it is shown.

    Parameters
    ----------
    state
        The live card's state.
    now
        When the card is painted: it tells one painting from the next, and for how long the run had gone on.
    """
    return {
        # A kernel is gone when its notebook is opened again.
        CARD_MIME: {**state, "curves": list(_drawn(state["curves"])), "kernel_id": None, "painted": now},
        "text/html": card_html(state),
        "text/plain": card_text(state),
    }


def _drawn(curves: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """The curves that a card has room for, in few digits: a notebook is not to grow by what nobody sees."""
    for curve in [curve for curve in curves if len(curve["values"]) > 1][:CURVES]:
        values = [None if value is None else float(f"{value:.{_DIGITS}g}") for value in curve["values"]]
        yield {**curve, "values": values}
