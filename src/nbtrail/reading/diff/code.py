"""Which cells of two runs belong together, and how their lines differ."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final, TypeAlias

from nbtrail.reading.diff.difference import CellDiff, CodeLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbtrail.records import Execution, Run
    from nbtrail.store.protocol import Store

_CONTEXT_LINES: Final = 3
_SIMILAR_FROM: Final = 0.5
_WORD: Final = re.compile(r"\w+")
_OWN_LINE: Final = re.compile(r"\s*(?:%track\b(?!\s*=).*|%(?:re)?load_ext\s+nbtrail\s*)?")


@dataclass(frozen=True, slots=True)
class Cell:
    """What a run ran of one cell in the end."""

    key: str
    """The cell's id, else its text."""
    source: str
    number: int | None


Pair: TypeAlias = "tuple[Cell | None, Cell | None]"


def code_differences(store: Store, runs: Sequence[Run], baseline: int) -> tuple[tuple[CellDiff, ...], int]:
    """Cells that differ from the baseline's, and how many there are.

    Runs whose cell has the same other text share one difference.
    """
    before = cells_of(store.executions(runs[baseline].id))
    place = {cell.key: at for at, cell in enumerate(before)}
    found: dict[tuple[int, str, str], tuple[Cell | None, Cell | None, list[str]]] = {}
    for run in runs:
        if run is runs[baseline]:
            continue
        at = -1
        for old, new in paired(before, cells_of(store.executions(run.id))):
            at = at if old is None else place[old.key]
            if old is None or new is None or old.source != new.source:
                key = (at, old.key if old else "", new.source if new else "")
                found.setdefault(key, (old, new, []))[2].append(run.name)
    ordered = sorted(found.items(), key=lambda item: item[0][0])
    diffs = tuple(_cell_diff(runs[baseline].name, old, new, after) for _, (old, new, after) in ordered)
    return diffs, len({old_key or new_source for _, old_key, new_source in found})


def cells_of(executions: Sequence[Execution]) -> list[Cell]:
    """A run's cells; of one that ran again the last text, where it first stood. nbtrail's own lines are left out."""
    last: dict[str, Cell] = {}
    for execution in executions:
        source = execution.source.strip("\n")
        if all(_OWN_LINE.fullmatch(line) for line in source.splitlines()):
            continue
        key = execution.cell_id or source
        last[key] = Cell(key, source, execution.number)
    return list(last.values())


def paired(before: Sequence[Cell], after: Sequence[Cell]) -> list[Pair]:
    """Cells that belong together, in the order of ``before``; what is new stands where it stands in ``after``.

    Cells belong together by their id, else by equal text, else by similar text at the same place.
    """
    matches = _matches(before, after)
    taken = set(matches.values())
    pairs: list[Pair] = [(cell, after[matches[at]] if at in matches else None) for at, cell in enumerate(before)]
    for at, cell in enumerate(after):
        if at in taken:
            continue
        follows = max((old for old, new in matches.items() if new < at), default=-1)
        pairs.insert(_place_behind(pairs, before[follows] if follows >= 0 else None), (None, cell))
    return pairs


def line_differences(before: str, after: str) -> tuple[CodeLine, ...]:
    """Lines that went and came, with three lines around them; ``⋯`` for what was left out between."""
    old, new = before.splitlines(), after.splitlines()
    lines: list[CodeLine] = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for group in matcher.get_grouped_opcodes(_CONTEXT_LINES):
        if lines or group[0][1] > 0:
            lines.append(CodeLine(" ", "⋯"))
        for op, old_from, old_to, new_from, new_to in group:
            if op == "equal":
                lines += [CodeLine(" ", text) for text in old[old_from:old_to]]
            else:
                lines += [CodeLine("-", text) for text in old[old_from:old_to]]
                lines += [CodeLine("+", text) for text in new[new_from:new_to]]
    return tuple(lines)


def _matches(before: Sequence[Cell], after: Sequence[Cell]) -> dict[int, int]:
    """For places in ``before`` the places in ``after``."""
    place = {cell.key: at for at, cell in enumerate(after)}
    matches = {at: place[cell.key] for at, cell in enumerate(before) if cell.key in place}
    for same in (_equal, _similar):
        olds = [at for at in range(len(before)) if at not in matches]
        taken = set(matches.values())
        news = [at for at in range(len(after)) if at not in taken]
        matches |= same(before, after, olds, news)
    return matches


def _equal(before: Sequence[Cell], after: Sequence[Cell], olds: list[int], news: list[int]) -> dict[int, int]:
    texts = [before[at].source for at in olds], [after[at].source for at in news]
    matcher = SequenceMatcher(None, *texts, autojunk=False)
    return {
        olds[block.a + offset]: news[block.b + offset]
        for block in matcher.get_matching_blocks()
        for offset in range(block.size)
    }


def _similar(before: Sequence[Cell], after: Sequence[Cell], olds: list[int], news: list[int]) -> dict[int, int]:
    """The most similar first; each cell once."""
    words = {id(cell): Counter(_WORD.findall(cell.source)) for cell in (*before, *after)}
    scored = sorted(
        ((_likeness(words[id(before[old])], words[id(after[new])]), old, new) for old in olds for new in news),
        key=lambda found: (-found[0], abs(found[1] - found[2])),
    )
    matches: dict[int, int] = {}
    taken: set[int] = set()
    for score, old, new in scored:
        if score >= _SIMILAR_FROM and old not in matches and new not in taken:
            matches[old] = new
            taken.add(new)
    return matches


def _likeness(one: Counter[str], other: Counter[str]) -> float:
    """The share of words in common, wherever they stand: quick enough for every cell against every other."""
    return 2 * (one & other).total() / max(1, one.total() + other.total())


def _place_behind(pairs: Sequence[Pair], cell: Cell | None) -> int:
    """Behind the pair of a cell, and behind what was put there before."""
    at = 0 if cell is None else 1 + next(place for place, pair in enumerate(pairs) if pair[0] is cell)
    while at < len(pairs) and pairs[at][0] is None:
        at += 1
    return at


def _cell_diff(before: str, old: Cell | None, new: Cell | None, after: Sequence[str]) -> CellDiff:
    lines = line_differences(old.source if old else "", new.source if new else "")
    shown = old or new
    return CellDiff(before=before, after=tuple(after), number=shown.number if shown else None, lines=lines)
