"""Which names of the notebook's cells are params: those that are bound to literals, and those that the user watches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from nbtrail.analysis.lexicon import metric_reason
from nbtrail.analysis.proposal import Proposal
from nbtrail.analysis.syntax import NO_LITERAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nbtrail.analysis.facts import CellFacts
    from nbtrail.settings import Settings

_WORDS_FOR_SETTINGS: Final = ("param", "grid", "config", "cfg", "args", "hyper", "setting", "option")
MOST_LEAVES: Final = 16
"""Lists and dicts with more values than this are data."""
LONGEST_TEXT: Final = 200
"""Longer texts are data."""
_BLANKS_OF_A_SENTENCE: Final = 3


@dataclass(frozen=True, slots=True)
class KnownLiteral:
    """A name that was bound to a literal."""

    value: Any
    cell: int | None
    """The ``n`` of ``In[n]``."""
    is_told: bool = False
    """By a parameters cell, whatever the rules say."""


class Literals:
    """The literals that the notebook's names are bound to, as far as its cells show."""

    def __init__(self) -> None:
        self._known: dict[str, KnownLiteral] = {}
        self._keywords: set[str] = set()

    def get(self, name: str) -> KnownLiteral | None:
        """The literal that a name is bound to, if it is."""
        return self._known.get(name)

    def remember(self, facts: CellFacts, cell: int | None, namespace: Mapping[str, Any] | None = None) -> None:
        """Take note of a cell that ran.

        Parameters
        ----------
        facts
            The cell's.
        cell
            Its ``n`` of ``In[n]``.
        namespace
            Where the names live, if it may be that the cell did not run to its end: only what holds there counts.
        """
        self._keywords |= facts.keywords
        for name in facts.names.writes:
            self._known.pop(name, None)
        for name, value in facts.literals.items():
            changes = name in facts.computed or name in facts.grown
            holds = namespace is None or _holds(namespace, name, value)
            is_odd = name in facts.targets or (changes and _is_start(value))
            if holds and (facts.is_parameters or not is_odd):
                self._known[name] = KnownLiteral(value, cell, facts.is_parameters)

    def params(
        self,
        facts: CellFacts,
        reads: Iterable[str],
        cell: int | None,
        settings: Settings,
        namespace: Mapping[str, Any],
    ) -> Iterator[Proposal]:
        """The params among the names that a cell is about to read.

        Parameters
        ----------
        facts
            The cell's.
        reads
            What it reads, functions of earlier cells included.
        cell
            Its ``n`` of ``In[n]``.
        settings
            Names to leave out, and names that count whatever the rules say.
        namespace
            Where the names live: a literal of an earlier cell counts if it still stands there.
        """
        for name in dict.fromkeys((*reads, *(facts.literals if facts.is_parameters else ()))):
            known = self._literal_for(name, facts, cell, namespace)
            if known is None or name in settings.ignore or name in settings.watch_metrics:
                continue
            if name in settings.watch_params:
                yield Proposal(name, known.value, f"watched; {_where(known.cell, cell)}")
            elif known.is_told:
                yield Proposal(name, known.value, _told(known.cell))
            elif self._is_param(name, known.value, facts):
                yield Proposal(name, known.value, _where(known.cell, cell))

    def _literal_for(
        self, name: str, facts: CellFacts, cell: int | None, namespace: Mapping[str, Any]
    ) -> KnownLiteral | None:
        if name in facts.literals:
            return KnownLiteral(facts.literals[name], cell, facts.is_parameters)
        known = self._known.get(name)
        return known if known is not None and _holds(namespace, name, known.value) else None

    def _is_param(self, name: str, value: object, facts: CellFacts) -> bool:
        if name.startswith("_") or name in facts.targets:
            return False
        if _is_start(value) and (name in facts.computed or name in facts.grown):
            return False
        if name in facts.stepped:
            return False
        if sounds_like_settings(name):
            return True
        if isinstance(value, dict):
            return name in facts.keywords or name in self._keywords
        return not _is_data(name, value)

    def outdated(self, facts: CellFacts) -> tuple[str, ...]:
        """Names that were taken for params and turn out to be starting values of what the cell computes or counts."""
        computed = (name for name in facts.computed if name in self._known and _is_start(self._known[name].value))
        return tuple(dict.fromkeys((*computed, *facts.stepped)))


def find_watched(names: Iterable[str], namespace: Mapping[str, Any], settings: Settings) -> Iterator[Proposal]:
    """The params that the user watches among some names, whatever gave them their value."""
    for name in settings.watch_params:
        if name in names and name in namespace and name not in settings.ignore:
            yield Proposal(name, namespace[name], "watched")


def _told(cell: int | None) -> str:
    return "parameters cell" if cell is None else f"parameters cell {cell}"


def _where(literal_cell: int | None, cell: int | None) -> str:
    if literal_cell is None:
        return "literal" if cell is None else f"literal, read by cell {cell}"
    if literal_cell == cell:
        return f"literal in cell {cell}, which reads it"
    return f"literal in cell {literal_cell}, read by cell {cell}"


def _holds(namespace: Mapping[str, Any], name: str, value: object) -> bool:
    """Whether a name still stands for the literal it was bound to; code that shows in no cell may have changed it."""
    held = namespace.get(name, NO_LITERAL)
    try:
        return type(held) is type(value) and bool(held == value)
    except Exception:  # noqa: BLE001 - what was put into a list may compare in any way
        return False


def _is_start(value: object) -> bool:
    """Whether a value is one that loops begin with: zero, one, nothing, or nothing yet."""
    if isinstance(value, bool):
        return False
    if isinstance(value, (int, float)):
        return value in (0, 1, -1)
    return value is None or value in ("", [], {}, ())


def sounds_like_settings(name: str) -> bool:
    """Whether a name is one that people give to their settings: ``config``, ``hparams``, ``train_args``, …"""
    return any(word in name.lower() for word in _WORDS_FOR_SETTINGS)


def leaves(value: object) -> int:
    """How many values a literal holds, however deep."""
    if isinstance(value, dict):
        return sum(leaves(part) for part in value.values())
    if isinstance(value, (list, tuple)):
        return sum(leaves(part) for part in value)
    return 1


def _is_data(name: str, value: object) -> bool:
    """Whether it is rather what is worked on than how: long lists, rows, measured values, sentences, tables as text."""
    if isinstance(value, str):
        return "\n" in value.strip() or len(value) > LONGEST_TEXT
    if not isinstance(value, (list, tuple)):
        return False
    if leaves(value) > MOST_LEAVES or metric_reason(name) is not None:
        return True
    return all(isinstance(row, list) for row in value) or any(_is_sentence(part) for part in value)


def _is_sentence(part: object) -> bool:
    return isinstance(part, str) and part.count(" ") >= _BLANKS_OF_A_SENTENCE
