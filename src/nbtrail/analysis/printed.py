"""Numbers that a cell printed beside a name, as in ``val loss: 0.123``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from nbtrail.analysis.lexicon import metric_reason
from nbtrail.analysis.proposal import Proposal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbtrail.settings import Settings

_LONGEST_LINE: Final = 500
_NAME: Final = r"[A-Za-z][\w@²]{0,30}(?:[ .\-]\(?[A-Za-z][\w@²]{0,30}\)?){0,3}"
_NUMBER: Final = r"[-+]?(?:(?:\d+\.\d*|\.\d+)(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+|\d+(?=\s*%))|nan|-?inf"
_BLANKS: Final = r"\s{0,40}"
"""Without an end, a line of blanks would be gone through anew from each of them."""
_PAIR: Final = re.compile(
    rf"(?<![\w.@²])({_NAME}){_BLANKS}(?:\(%\){_BLANKS})?[:=]{_BLANKS}({_NUMBER})(?![\w.:])", re.ASCII
)
_WORDS: Final = re.compile(r"[A-Za-z0-9²]+")


def find_printed(text: str, settings: Settings) -> Iterator[Proposal]:
    """Metrics that a text tells, each with the number it told last.

    Parameters
    ----------
    text
        What a cell printed.
    settings
        Names to leave out, and names that count whatever the lexicon says.

    Yields
    ------
    Proposal
        ``val_loss`` for ``Val loss: 0.123``; names are written in lower case with underscores. Numbers with a per cent
        sign stay as they are printed.
    """
    found: dict[str, float] = {}
    for line in text.splitlines():
        for name, number in _PAIR.findall(line[:_LONGEST_LINE]):
            key = printed_name(name)
            if key in settings.watch_metrics or (key not in settings.ignore and metric_reason(key)):
                found[key] = float(number)
    for key, value in found.items():
        yield Proposal(key, value, f"printed as {value:g}")


def printed_name(text: str) -> str:
    """A printed name as one that code could have: ``Test accuracy (%)`` becomes ``test_accuracy``."""
    return "_".join(word.lower() for word in _WORDS.findall(text))
