"""``%%track`` without a magic that runs the cell: the line is taken off before IPython sees it.

Running a cell from within a magic would fire IPython's events twice and report success where the cell raised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nbtrail.analysis.names import TRANSPARENT_MAGICS
from nbtrail.errors import MagicError
from nbtrail.notebook.grammar import parse_cell_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nbtrail.notebook.grammar import Command

_MARK: Final = "%%track"


class CellMagicLine:
    """Takes ``%%track`` off a cell's first line, above which comments may stand; for ``ip.input_transformers_cleanup``.

    A line that is not understood stays, so that the magic of that name says what is wrong and the cell does not run.

    Parameters
    ----------
    on_seen
        Called when a line was taken off.
    """

    has_side_effects = True
    """IPython then leaves it out where it only asks whether a cell is complete."""

    def __init__(self, on_seen: Callable[[], None]) -> None:
        self._on_seen = on_seen

    def __call__(self, lines: list[str]) -> list[str]:
        """The lines without ``%%track``."""
        own = _first_of_code(lines, 0)
        if own == len(lines) or not _is_track(lines[own]):
            return lines
        try:
            parse_cell_line(lines[own][len(_MARK) :])
        except MagicError:
            return lines[own:]
        self._on_seen()
        following = _first_of_code(lines, own + 1)
        if following < len(lines) and lines[following].startswith("%%"):
            return lines[following:]
        # A comment keeps the numbers of the lines below.
        return [*lines[:own], f"# {lines[own]}", *lines[own + 1 :]]


def find_cell_magic(source: str) -> Command | None:
    """The ``%%track`` of a cell: its first line, or a line right below ``%%time`` and the like.

    ``None`` where there is none, or none that is understood.
    """
    for line in _leading(source.splitlines()):
        if _is_track(line):
            try:
                return parse_cell_line(line[len(_MARK) :])
            except MagicError:
                return None
    return None


def _leading(lines: Sequence[str]) -> list[str]:
    found: list[str] = []
    for line in lines:
        if _is_no_code(line):
            continue
        if not line.startswith("%%"):
            break
        found.append(line)
        if not _is_track(line) and line[2:].split(" ")[0].strip() not in TRANSPARENT_MAGICS:
            break
    return found


def _first_of_code(lines: Sequence[str], start: int) -> int:
    return next((at for at in range(start, len(lines)) if not _is_no_code(lines[at])), len(lines))


def _is_no_code(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _is_track(line: str) -> bool:
    return line.startswith(_MARK) and line[len(_MARK) : len(_MARK) + 1].strip() == ""
