# ruff: noqa: S608 - values are always bound; only words of our own are put together
"""Which runs a page shows: their ids in order, by a way that touches as few others as can be.

A sorted list is read as stretches, one after the other: the runs with a number, those with a text, those without a
value. Each stretch has an index that knows its order, so that the first pages need no sorting.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nbtrail.store.conditions import STATUSES
from nbtrail.store.query import parse_field
from nbtrail.store.sqlite.conditions import ENDED, RUN_COLUMNS, Bound, has_status, order, where

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from nbtrail.store.conditions import Field
    from nbtrail.store.protocol import RunQuery

_MANY: Final = 8
"""One run in so many passing a filter, going through the sorted list finds a page of them sooner than all of them."""
_OF_RUNS: Final = re.compile(r"\br\.")
_WITH_GAPS: Final = ("notebook", "parent", "error", "note")
_NO_VALUE: Final = "('null', 'NaN')"


def visible(run: str, query: RunQuery) -> str:
    """Whether the run is among those in the trash, or among the others; ``run`` is ``r.rowid``, or an id."""
    column = "rowid" if run.endswith("rowid") else "id"
    word = "IN" if query.trashed else "NOT IN"
    return f"{run} {word} (SELECT {column} FROM runs WHERE trashed IS NOT NULL)"


def page_ids(
    connection: sqlite3.Connection, query: RunQuery, alive: Sequence[str], *, matched: int, total: int
) -> list[str]:
    """The ids of one page, in order, of ``matched`` runs that pass the filter, of ``total`` ones."""
    wanted = matched - query.offset if query.limit is None else min(query.limit, matched - query.offset)
    if wanted <= 0:
        return []
    bound = Bound({"alive": json.dumps(list(alive))})
    bound.walks = not is_deep(query, matched=matched) and matched * _MANY > total
    keys = [(parse_field(key), descending) for key, descending in query.sort]
    stretches = _stretches(*keys[0], bound) if len(keys) == 1 and matched * _MANY > total else []
    if stretches:
        return _read_stretches(connection, query, bound, stretches, wanted)
    joins, terms = order(keys, bound)
    sql = f"SELECT r.id FROM runs r {joins} WHERE {passing(query, bound)} ORDER BY {terms} LIMIT :limit OFFSET :offset"
    return [run_id for (run_id,) in connection.execute(sql, bound.page(wanted, query.offset))]


def sorted_ids(connection: sqlite3.Connection, query: RunQuery, alive: Sequence[str], ids: Sequence[str]) -> list[str]:
    """The ids of one page, in order, of these runs, which are known to match."""
    bound = Bound({"alive": json.dumps(list(alive)), "ids": json.dumps(list(ids))})
    joins, terms = order([(parse_field(key), descending) for key, descending in query.sort], bound)
    sql = f"SELECT r.id FROM json_each(:ids) i CROSS JOIN runs r ON r.id = i.value {joins} ORDER BY {terms}"
    rows = connection.execute(f"{sql} LIMIT :limit OFFSET :offset", bound.page(query.limit or 0, query.offset))
    return [run_id for (run_id,) in rows]


def is_deep(query: RunQuery, *, matched: int) -> bool:
    """Whether a page stands so deep in its list that the whole list costs little more."""
    return query.limit is None or (query.offset + query.limit) * _MANY > matched


def passing(query: RunQuery, bound: Bound) -> str:
    """The test of ``runs r`` that a query makes."""
    shown = visible("r.rowid", query)
    return shown if query.where is None else f"{shown} AND {where(query.where, bound)}"


@dataclass(frozen=True, slots=True)
class _Part:
    """Rows of a table, and what they are sorted by; without it by id alone."""

    table: str
    test: str
    term: str = ""

    def select(self, query: RunQuery, bound: Bound) -> str:
        """The statement that gives each run's id, and the term."""
        term = self.term or "NULL"
        if self.table == "runs":
            return f"SELECT r.id AS id, {term} AS term FROM runs r WHERE {self.test} AND {passing(query, bound)}"
        bound.run_id = "m.run_id"
        test = "1" if query.where is None else where(query.where, bound)
        bound.run_id = "r.id"
        source = f"{self.table} m"
        if _OF_RUNS.search(test):
            source += " CROSS JOIN runs r ON r.id = m.run_id"
        test = f"{self.test} AND {visible('m.run_id', query)} AND {test}"
        return f"SELECT m.run_id AS id, {term} AS term FROM {source} WHERE {test}"


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Parts of one kind, merged in their order."""

    parts: tuple[_Part, ...]
    direction: str = ""

    def select(self, query: RunQuery, bound: Bound) -> str:
        """The statement that gives the stretch in order."""
        parts = " UNION ALL ".join(part.select(query, bound) for part in self.parts)
        terms = f"term{self.direction}, id DESC" if self.parts[0].term else "id DESC"
        return f"{parts} ORDER BY {terms} LIMIT :limit OFFSET :offset"

    def count(self, query: RunQuery, bound: Bound) -> str:
        """The statement that counts the stretch."""
        return f"SELECT count(*) FROM ({' UNION ALL '.join(part.select(query, bound) for part in self.parts)})"


def _read_stretches(
    connection: sqlite3.Connection, query: RunQuery, bound: Bound, stretches: Sequence[_Stretch], wanted: int
) -> list[str]:
    ids: list[str] = []
    offset = query.offset
    for stretch in stretches:
        if len(ids) >= wanted:
            break
        sql = stretch.select(query, bound)
        found = [row[0] for row in connection.execute(sql, bound.page(wanted - len(ids), offset))]
        if found:
            ids, offset = [*ids, *found], 0
        elif offset:
            sql = stretch.count(query, bound)
            offset -= connection.execute(sql, bound.values).fetchone()[0]
    return ids


def _stretches(key: Field, descending: bool, bound: Bound) -> list[_Stretch]:
    """The list sorted by one field, cut where it changes its order; empty for fields without an index of such."""
    direction = " DESC" if descending else ""
    match key.group, key.name:
        case "metrics", _:
            return _metric_stretches(key, direction, bound)
        case "params", name:
            return _param_stretches(name, direction, bound)
        case _, "status":
            names = sorted(STATUSES, reverse=descending)
            return [_Stretch((_Part("runs", has_status(name, bound)),)) for name in names]
        case _, "duration":
            return _duration_stretches(direction)
        case _, name if name in _WITH_GAPS:
            column = RUN_COLUMNS[name]
            known = _Part("runs", f"{column} IS NOT NULL", column)
            return [_Stretch((known,), direction), _Stretch((_Part("runs", f"{column} IS NULL"),))]
    return []


def _metric_stretches(key: Field, direction: str, bound: Bound) -> list[_Stretch]:
    if key.part != "last":
        return []
    known = f"m.key = {bound(key.name)} AND m.last IS NOT NULL"
    return [_Stretch((_Part("metrics", known, "m.last"),), direction), _without("metrics", known)]


def _param_stretches(name: str, direction: str, bound: Bound) -> list[_Stretch]:
    """Numbers before texts, among which lists and objects stand as they are written."""
    of_key = f"m.key = {bound(name)}"
    numbers = _Stretch((_Part("params", f"{of_key} AND m.number IS NOT NULL", "m.number"),), direction)
    other = f"{of_key} AND m.number IS NULL AND m.text IS NULL AND m.value NOT IN {_NO_VALUE}"
    texts = _Part("params", f"{of_key} AND m.number IS NULL AND m.text IS NOT NULL", "m.text")
    found = [numbers, _Stretch((texts, _Part("params", other, "m.value")), direction)]
    known = f"{of_key} AND (m.number IS NOT NULL OR m.text IS NOT NULL OR m.value NOT IN {_NO_VALUE})"
    return [*(reversed(found) if direction else found), _without("params", known)]


def _duration_stretches(direction: str) -> list[_Stretch]:
    """What has an end, and what lost runs lasted as far as is known; then runs that go on."""
    took = "r.ended - r.started"
    ended = _Part("runs", f"{took} IS NOT NULL", took)
    lost = _Part("runs", f"{took} IS NULL AND ({ENDED}) IS NOT NULL", f"({ENDED}) - r.started")
    return [_Stretch((ended, lost), direction), _Stretch((_Part("runs", f"{took} IS NULL AND ({ENDED}) IS NULL"),))]


def _without(table: str, known: str) -> _Stretch:
    return _Stretch((_Part("runs", f"r.id NOT IN (SELECT m.run_id FROM {table} m WHERE {known})"),))
