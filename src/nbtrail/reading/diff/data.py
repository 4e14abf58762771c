"""The rows of a difference that tell of data: what each run read and wrote, and which columns changed how."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from nbtrail.reading.datasets import SHORT_DIGEST, format_dataset, format_digest
from nbtrail.reading.diff.difference import DiffRow, is_number
from nbtrail.reading.text import format_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbtrail.records import Dataset, Json, Run
    from nbtrail.store.protocol import Store

_MOST_COLUMNS: Final = 5
_DIGITS: Final = (SHORT_DIGEST, 8, 32)
_ROLES: Final = ("read", "written")


def data_rows(store: Store, runs: Sequence[Run]) -> tuple[list[DiffRow], int]:
    """Rows for data by name, with the columns that moved most below it, and how much of what was read differs.

    Data of one name belong together; where a run had several under a name, they are compared in order. A run of which
    no data is known differs in none.
    """
    ids = [run.id for run in runs]
    found: dict[tuple[str, str], dict[str, list[Dataset]]] = {}
    for use in store.datasets(ids):
        found.setdefault((use.role, use.name), {}).setdefault(use.run_id, []).append(use.dataset)
    known = {run_id for by_run in found.values() for run_id in by_run}
    rows, differing = [], 0
    for role, name in sorted(found, key=lambda key: (_ROLES.index(key[0]), key[1])):
        versions = [found[role, name].get(run_id, []) for run_id in ids]
        compared = [[one.digest for one in each] for each, run_id in zip(versions, ids, strict=True) if run_id in known]
        differs = any(each != compared[0] for each in compared)
        below = _column_rows(name, [each[-1] if each else None for each in versions]) if differs else []
        rows.append(
            (not differs, [_row(role, name, versions, differs=differs, changed=len(below)), *below[:_MOST_COLUMNS]])
        )
        differing += differs and role == "read"
    return [row for _, group in sorted(rows, key=lambda pair: pair[0]) for row in group], differing


def _row(role: str, name: str, versions: Sequence[Sequence[Dataset]], *, differs: bool, changed: int) -> DiffRow:
    notes = ["written"] if role == "written" else []
    if changed > _MOST_COLUMNS:
        notes.append(f"{changed} columns differ")
    return DiffRow(
        level="data",
        name=f"data.{name}",
        values=tuple([_value(one) for one in each] or None for each in versions),
        present=tuple(bool(each) for each in versions),
        differs=differs,
        note=", ".join(notes),
        shown=_texts(versions),
    )


def _value(dataset: Dataset) -> dict[str, Json]:
    return {
        "digest": dataset.digest,
        "kind": dataset.kind,
        "shape": list(dataset.shape),
        "size": dataset.size,
        "sampled": dataset.sampled,
    }


def _texts(versions: Sequence[Sequence[Dataset]]) -> tuple[str | None, ...]:
    """With as many digits of the digests as it takes to tell different ones apart."""
    different = {one.digest for each in versions for one in each}
    digits = next(count for count in _DIGITS if len({digest[:count] for digest in different}) == len(different))
    return tuple(_text(each, digits) if each else None for each in versions)


def _text(versions: Sequence[Dataset], digits: int) -> str:
    *earlier, last = versions
    text = format_dataset(last, digits=digits) + (" sampled" if last.sampled else "")
    if not earlier:
        return text
    first = format_digest(earlier[0].digest, digits=digits)
    between = "→ … →" if len(earlier) > 1 else "→"
    return text.replace(" · ", f" · {first} {between} ", 1)


# --- columns ---


def _column_rows(name: str, datasets: Sequence[Dataset | None]) -> list[DiffRow]:
    """The columns that differ, those first that came, went or have another type, then those that moved most."""
    known = [one for one in datasets if one is not None]
    if len(known) < 2:  # noqa: PLR2004 - a difference is between two
        return []
    columns = dict.fromkeys(column for one in known for column in one.schema)
    found = [_column_row(name, column, datasets) for column in columns]
    rows = [row for row in found if row is not None]
    return [row for _, row in sorted(rows, key=lambda pair: -pair[0])]


def _column_row(name: str, column: str, datasets: Sequence[Dataset | None]) -> tuple[float, DiffRow] | None:
    facts = [None if one is None or column not in one.schema else _facts(one, column) for one in datasets]
    there = [one for one in facts if one is not None]
    absent = sum(one is not None for one in datasets) - len(there)
    other = [key for key in there[0] if any(one.get(key) != there[0][key] for one in there)]
    if not other and not absent:
        return None
    shown = other or ["type"]
    row = DiffRow(
        level="data",
        name=f"data.{name}[{column}]" if column else f"data.{name}[:]",
        values=tuple(None if one is None else {key: one[key] for key in shown} for one in facts),
        present=tuple(one is not None for one in facts),
        differs=True,
        shown=tuple(None if one is None else _say(one, shown) for one in facts),
    )
    return (float("inf") if absent or "type" in other else _shift(there)), row


def _facts(dataset: Dataset, column: str) -> dict[str, Any]:
    profile = dataset.profile.get(column) or {}
    quantiles = profile.get("quantiles") or [None] * 5
    return {
        "type": dataset.schema[column],
        "missing": _share(profile),
        "mean": profile.get("mean"),
        "min": quantiles[0],
        "median": quantiles[2],
        "max": quantiles[4],
        "true": profile.get("true"),
        "distinct": profile.get("distinct"),
    }


def _share(profile: dict[str, Any]) -> Json:
    """How much is missing: a count, or a share where not all rows were looked at."""
    missing, rows = profile.get("missing"), profile.get("rows")
    return missing if missing is None or rows is None else f"{missing / max(1, rows):.1%}"


def _say(facts: dict[str, Any], shown: Sequence[str]) -> str:
    """Little is enough: a type alone, else what is missing and where the values lie."""
    if "type" in shown:
        return str(facts["type"])
    missing = [key for key in ("missing",) if key in shown]
    values = [key for key in ("mean", "median", "true", "distinct", "min", "max") if key in shown][:1]
    return ", ".join(f"{key} {_short(facts[key])}" for key in (*missing, *values))


def _short(value: Json) -> str:
    return "-" if value is None else format_value(value)


def _shift(there: Sequence[dict[str, Any]]) -> float:
    """How far the means lie apart, measured by how far the values spread."""
    means = [one["mean"] for one in there if is_number(one["mean"])]
    ends = [one[key] for one in there for key in ("min", "max") if is_number(one[key])]
    spread = max(ends, default=0) - min(ends, default=0)
    return (max(means) - min(means)) / spread if means and spread else 0.0
