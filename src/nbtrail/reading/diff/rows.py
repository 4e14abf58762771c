"""The rows of a difference: params, metrics, data, environment and duration of each run."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from nbtrail.analysis.lexicon import direction
from nbtrail.reading.diff.data import data_rows
from nbtrail.reading.diff.difference import SURROUNDINGS, Delta, DiffRow, is_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from nbtrail.reading.diff.difference import Level
    from nbtrail.records import Direction, Environment, Json, Metric, Run
    from nbtrail.settings import Settings
    from nbtrail.store.protocol import Store

_MISSING: Final = object()
_DIGEST_DIGITS: Final = 8
_DATA_PLACE: Final = 2
"""Behind params and metrics."""


def difference_rows(
    store: Store, runs: Sequence[Run], baseline: int, settings: Settings
) -> tuple[tuple[DiffRow, ...], int]:
    """All rows, level by level, those that differ first and then by name; and how much data that was read differs."""
    ids = [run.id for run in runs]
    params: dict[str, dict[str, Json]] = {}
    for param in store.params(ids):
        params.setdefault(param.key, {})[param.run_id] = param.value
    metrics: dict[str, dict[str, Metric]] = {}
    for metric in store.metrics(ids):
        metrics.setdefault(metric.key, {})[metric.run_id] = metric
    data, datasets = data_rows(store, runs)
    levels = (
        [_row("params", f"params.{key}", [values.get(one, _MISSING) for one in ids]) for key, values in params.items()],
        [_metric_row(key, found, ids, baseline, settings.directions.get(key)) for key, found in metrics.items()],
        _environment_rows([_environment(store, run) for run in runs]),
        [_duration_row(runs)],
    )
    ordered = [sorted(rows, key=lambda row: (not row.differs, row.name)) for rows in levels]
    ordered.insert(_DATA_PLACE, data)
    return tuple(row for rows in ordered for row in rows), datasets


def _row(level: Level, name: str, values: Sequence[object], *, note: str = "") -> DiffRow:
    return DiffRow(
        level=level,
        name=name,
        values=tuple(None if value is _MISSING else value for value in values),
        present=tuple(value is not _MISSING for value in values),
        differs=not all(_same(value, values[0]) for value in values),
        note=note,
    )


def _metric_row(
    key: str, found: Mapping[str, Metric], ids: Iterable[str], baseline: int, wanted: Direction | None
) -> DiffRow:
    values = [found[one].last if one in found else _MISSING for one in ids]
    row = _row("metrics", f"metrics.{key}", values, note="last" if any(one.count > 1 for one in found.values()) else "")
    better = wanted or direction(key)
    return DiffRow(
        level=row.level,
        name=row.name,
        values=row.values,
        present=row.present,
        differs=row.differs,
        best=_best(row.values, better) if row.differs else None,
        deltas=_deltas(row.values, baseline, better),
        note=row.note,
    )


def _best(values: Sequence[Json], better: Direction) -> int | None:
    measured = [(value, place) for place, value in enumerate(values) if is_number(value)]
    if len({value for value, _ in measured}) < 2:  # noqa: PLR2004 - the best one is better than another
        return None
    sign = -1 if better == "max" else 1
    return min(measured, key=lambda pair: (sign * pair[0], pair[1]))[1]


def _deltas(values: Sequence[Json], baseline: int, better: Direction) -> tuple[Delta | None, ...] | None:
    start = values[baseline]
    if not is_number(start):
        return None
    return tuple(
        _delta(value - start, better) if place != baseline and is_number(value) else None
        for place, value in enumerate(values)
    )


def _delta(value: float, better: Direction) -> Delta:
    return Delta(value, None if value == 0 else (value > 0) == (better == "max"))


def _duration_row(runs: Sequence[Run]) -> DiffRow:
    return _row("duration", "duration", [_MISSING if run.duration_s is None else run.duration_s for run in runs])


def _environment(store: Store, run: Run) -> Environment | None:
    return store.environment(run.environment_id) if run.environment_id else None


def _environment_rows(found: Sequence[Environment | None]) -> list[DiffRow]:
    """The surroundings always, where they are known; of packages, modules and machine what differs."""
    around = [_row("environment", name, [_surrounding(one, name) for one in found]) for name in SURROUNDINGS]
    return [
        *(row for row in around if any(row.present)),
        *_differing("module", [_module_digests(one) for one in found]),
        *_differing("env", [one.packages if one else {} for one in found]),
        *_differing("machine", [one.hardware if one else {} for one in found]),
    ]


def _differing(group: str, found: Sequence[Mapping[str, Json]]) -> list[DiffRow]:
    """A row for each name under which the runs differ."""
    names = sorted({name for known in found for name in known})
    rows = (_row("environment", f"{group}.{name}", [one.get(name, _MISSING) for one in found]) for name in names)
    return [row for row in rows if row.differs]


def _module_digests(environment: Environment | None) -> dict[str, str]:
    return {} if environment is None else {path: text[:_DIGEST_DIGITS] for path, text in environment.modules.items()}


def _surrounding(environment: Environment | None, name: str) -> object:
    if environment is None:
        return _MISSING
    value = {
        "env.python": environment.python,
        "env.platform": environment.platform,
        "git.branch": environment.git_branch,
        "git.commit": _commit(environment),
    }[name]
    return value or _MISSING


def _commit(environment: Environment) -> str | None:
    if not environment.git_commit:
        return None
    changes = f" + changes {(environment.git_diff or '')[:6]}".rstrip() if environment.git_dirty else ""
    return f"{environment.git_commit}{changes}"


def _same(one: object, other: object) -> bool:
    """Equal values of equal kind; NaN equals NaN, and 1 equals 1.0 but not True."""
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one):
        return math.isnan(other)
    return isinstance(one, bool) == isinstance(other, bool) and one == other
