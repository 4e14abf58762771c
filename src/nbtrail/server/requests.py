"""What requests ask for, read from their query and body into frozen values."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias, cast, get_args

from nbtrail.errors import InputError
from nbtrail.store.listing import GroupKey

FIRST_LIMIT: Final = 100
GREATEST_LIMIT: Final = 500
NEWEST_FIRST: Final = "-started"

Query: TypeAlias = Mapping[str, str]
"""The query's arguments, the last one of each name."""
_Kind: TypeAlias = Literal["text", "flag", "texts", "text or null", "numbers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """One page of runs."""

    filter: str = ""
    sort: str = NEWEST_FIRST
    offset: int = 0
    limit: int = FIRST_LIMIT
    metric: str | None = None
    params: tuple[str, ...] | None = None
    """The params that rows have; ``None`` for the first of each run."""
    summaries: bool = True
    """Whether rows have the summaries of all metrics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupsRequest:
    """How runs fall into groups."""

    filter: str = ""
    by: GroupKey


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEdit:
    """What is to change about a run; ``None`` leaves it as it is."""

    name: str | None = None
    note: str | None = None
    starred: bool | None = None
    trashed: bool | None = None
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    baseline: bool | None = None
    watch: tuple[str, ...] = ()
    """Names that the project always takes from here on."""
    ignore: tuple[str, ...] = ()
    """Names that the project never takes from here on."""
    restore: tuple[str, ...] = ()
    """Names whose ``ignore`` is taken back."""
    take: Mapping[str, float] = field(default_factory=dict)
    """Numbers that were proposed as metrics, and that are."""

    @property
    def corrects(self) -> bool:
        """Whether it changes what the project takes."""
        return bool(self.watch or self.ignore or self.restore or self.take)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonRequest:
    """Which runs to compare or to export, by name or id."""

    runs: tuple[str, ...]
    metric: str | None = None
    baseline: str | None = None


def page_request(query: Query) -> PageRequest:
    """The page that a query asks for.

    Raises
    ------
    InputError
        ``offset``, ``limit`` or ``summaries`` is no number in its range, or ``params`` no list of names.
    """
    return PageRequest(
        filter=query.get("filter", ""),
        sort=query.get("sort", "").strip() or NEWEST_FIRST,
        offset=_whole_number(query, "offset", otherwise=0, least=0, most=2**53),
        limit=_whole_number(query, "limit", otherwise=FIRST_LIMIT, least=1, most=GREATEST_LIMIT),
        metric=query.get("metric") or None,
        params=_names(query, "params"),
        summaries=bool(_whole_number(query, "summaries", otherwise=1, least=0, most=1)),
    )


def groups_request(query: Query) -> GroupsRequest:
    """The groups that a query asks for.

    Raises
    ------
    InputError
        ``by`` is missing or unknown.
    """
    by, known = query.get("by", ""), get_args(GroupKey)
    if by not in known:
        msg = f"by is {by!r}, and runs are grouped by {', '.join(known[:-1])} or {known[-1]}"
        raise InputError(msg)
    return GroupsRequest(filter=query.get("filter", ""), by=cast("GroupKey", by))


def run_edit(body: bytes) -> RunEdit:
    """The edit that a body asks for.

    Raises
    ------
    InputError
        The body is no JSON object of known fields of the right kinds, or asks for nothing.
    """
    fields: dict[str, _Kind] = {
        "name": "text",
        "note": "text",
        "starred": "flag",
        "trashed": "flag",
        "add_tags": "texts",
        "remove_tags": "texts",
        "baseline": "flag",
        "watch": "texts",
        "ignore": "texts",
        "restore": "texts",
        "take": "numbers",
    }
    given = _read_body(body, fields)
    if not given:
        msg = f"nothing is to be changed. The body names one or more of {', '.join(fields)}."
        raise InputError(msg)
    if "name" in given:
        given["name"] = _line(given["name"], "name")
    for tags in ("add_tags", "remove_tags"):
        given[tags] = tuple(_line(tag, "tag") for tag in given.get(tags, ()))
    for names in ("watch", "ignore", "restore"):
        given[names] = tuple(_line(name, "name") for name in given.get(names, ()))
    given["take"] = {_line(name, "name"): float(number) for name, number in given.get("take", {}).items()}
    _refuse_contradictions(given)
    return RunEdit(**given)


def _refuse_contradictions(given: Mapping[str, Any]) -> None:
    taken = {*given["watch"], *given["restore"], *given["take"]}
    if both := [name for name in given["ignore"] if name in taken]:
        msg = f"{both[0]!r} is to be taken and to be ignored; name it once"
        raise InputError(msg)


def comparison_request(body: bytes, *, takes_baseline: bool) -> ComparisonRequest:
    """The comparison that a body asks for.

    Raises
    ------
    InputError
        The body is no JSON object of known fields of the right kinds, or names no run.
    """
    fields: dict[str, _Kind] = {"runs": "texts", "metric": "text or null"}
    if takes_baseline:
        fields["baseline"] = "text or null"
    given = _read_body(body, fields)
    if not given.get("runs"):
        msg = "runs must name at least one run, by name or id"
        raise InputError(msg)
    return ComparisonRequest(**{**given, "runs": tuple(given["runs"])})


def _whole_number(query: Query, name: str, *, otherwise: int, least: int, most: int) -> int:
    text = query.get(name, "").strip()
    if not text:
        return otherwise
    value = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(most)) else -1
    if not least <= value <= most:
        msg = f"{name} is {text[:40]!r}, and must be a whole number from {least} to {most}"
        raise InputError(msg)
    return value


def _names(query: Query, name: str) -> tuple[str, ...] | None:
    text = query.get(name, "").strip()
    if not text:
        return None
    try:
        names = json.loads(text)
    except (ValueError, RecursionError):
        names = None
    if not _is_of_kind(names, "texts"):
        msg = f'{name} is {text[:40]!r}, and must be a JSON list of names: ["lr", "depth"]'
        raise InputError(msg)
    return tuple(names)


def _read_body(body: bytes, fields: Mapping[str, _Kind]) -> dict[str, Any]:
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as error:
        msg = f"the body of the request is no JSON: {error}"
        raise InputError(msg) from error
    if not isinstance(given, dict):
        msg = f"the body of the request must be a JSON object with {', '.join(fields)}"
        raise InputError(msg)
    if unknown := sorted(given.keys() - fields.keys()):
        msg = f"unknown field {unknown[0]!r}. The body takes {', '.join(fields)}."
        raise InputError(msg)
    for name, value in given.items():
        if not _is_of_kind(value, fields[name]):
            msg = f"{name} must be {_KIND_NAMES[fields[name]]}, and is {json.dumps(value)[:80]}"
            raise InputError(msg)
    return given


_KIND_NAMES: Final[dict[_Kind, str]] = {
    "text": "a text",
    "flag": "true or false",
    "texts": "a list of texts",
    "text or null": "a text or null",
    "numbers": 'an object of numbers, "NaN", "Infinity" or "-Infinity"',
}


_NUMBER_NAMES: Final = ("NaN", "Infinity", "-Infinity")


def _is_of_kind(value: object, kind: _Kind) -> bool:
    match kind:
        case "text":
            return isinstance(value, str)
        case "flag":
            return isinstance(value, bool)
        case "texts":
            return isinstance(value, list) and all(isinstance(item, str) for item in value)
        case "text or null":
            return value is None or isinstance(value, str)
        case "numbers":
            return isinstance(value, dict) and all(_is_number(item) for item in value.values())


def _is_number(value: object) -> bool:
    if isinstance(value, str):
        return value in _NUMBER_NAMES
    try:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:
        return False


def _line(text: str, what: str) -> str:
    line = text.strip()
    if not line or not line.isprintable():
        msg = f"a {what} is one line of text, and {text[:80]!r} is not"
        raise InputError(msg)
    return line
