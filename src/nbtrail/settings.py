"""What a project remembers, in its ``settings.toml``."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nbtrail.records import Direction

_INTERVAL_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a project remembers, in ``settings.toml``."""

    watch_params: tuple[str, ...] = ()
    """Names that always are params."""
    watch_metrics: tuple[str, ...] = ()
    """Names that always are metrics."""
    ignore: tuple[str, ...] = ()
    """Names that never are captured."""
    data: bool = True
    """Whether fingerprints of data are taken."""
    metric: str | None = None
    """The metric that lists of runs show; ``None`` lets them choose."""
    directions: Mapping[str, Direction] = field(default_factory=dict)
    """Whether less (``min``) or more (``max``) of a metric is better, where its name does not tell."""
    columns: tuple[str, ...] = ()
    """Params and metrics that lists of runs show; empty lets them choose."""
    system_metrics: bool = True
    """Whether the machine is measured while runs go on."""
    system_interval_s: float = _INTERVAL_S
    """How often, once a run is a minute old."""

    def watching(self, *, params: Iterable[str] = (), metrics: Iterable[str] = ()) -> Settings:
        """The settings with these names always taken."""
        params, metrics = tuple(params), tuple(metrics)
        return replace(
            self,
            watch_params=_with(self.watch_params, params, without=metrics),
            watch_metrics=_with(self.watch_metrics, metrics, without=params),
            ignore=_with(self.ignore, (), without=(*params, *metrics)),
        )

    def ignoring(self, names: Iterable[str]) -> Settings:
        """The settings with these names never taken."""
        names = tuple(names)
        return replace(
            self,
            watch_params=_with(self.watch_params, (), without=names),
            watch_metrics=_with(self.watch_metrics, (), without=names),
            ignore=_with(self.ignore, names, without=()),
        )


def settings_from(document: dict[str, object]) -> Settings:
    """The settings of a TOML document.

    Raises
    ------
    TypeError, ValueError
        Something in it is none of ours, or of the wrong kind; the message says what and what it should be.
    """
    if unknown := sorted(document.keys() - {"capture", "metrics", "table", "system_metrics"}):
        msg = f"there is no table [{unknown[0]}], but capture, metrics, table and system_metrics"
        raise ValueError(msg)
    capture = _table(document, "capture", ("watch_params", "watch_metrics", "ignore", "data"))
    metrics = _table(document, "metrics", ("default", "directions"))
    table = _table(document, "table", ("columns",))
    system = _table(document, "system_metrics", ("enabled", "interval_s"))
    return Settings(
        watch_params=_names("capture.watch_params", capture.get("watch_params")),
        watch_metrics=_names("capture.watch_metrics", capture.get("watch_metrics")),
        ignore=_names("capture.ignore", capture.get("ignore")),
        data=_switch("capture.data", capture.get("data", True)),
        metric=_name("metrics.default", metrics.get("default", "")) or None,
        directions=_directions(metrics.get("directions", {})),
        columns=_names("table.columns", table.get("columns")),
        system_metrics=_switch("system_metrics.enabled", system.get("enabled", True)),
        system_interval_s=_interval_s(system.get("interval_s", _INTERVAL_S)),
    )


def _table(document: dict[str, object], name: str, known: tuple[str, ...]) -> dict[str, object]:
    found = document.get(name, {})
    if not isinstance(found, dict):
        msg = f"[{name}] is a table with {', '.join(known)}, found {found!r}"
        raise TypeError(msg)
    if unknown := sorted(found.keys() - known):
        msg = f"[{name}] has no {unknown[0]!r}, but {', '.join(known)}"
        raise ValueError(msg)
    return found


def _name(name: str, value: object) -> str:
    if not isinstance(value, str):
        msg = f"{name} is the name of a metric, found {value!r}"
        raise TypeError(msg)
    return value


def _names(name: str, value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        msg = f"{name} is a list of names, found {value!r}"
        raise TypeError(msg)
    return tuple(value)


def _switch(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        msg = f"{name} is true or false, found {value!r}"
        raise TypeError(msg)
    return value


def _interval_s(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 1:
        msg = f"system_metrics.interval_s is a number of seconds, at least 1, found {value!r}"
        raise ValueError(msg)
    return float(value)


def _directions(value: object) -> dict[str, Direction]:
    if not isinstance(value, dict):
        msg = f'metrics.directions maps names to "min" or "max", found {value!r}'
        raise TypeError(msg)
    found: dict[str, Direction] = {}
    for name, direction in value.items():
        if direction not in ("min", "max"):
            msg = f'metrics.directions.{name} is "min" or "max", found {direction!r}'
            raise ValueError(msg)
        found[str(name)] = direction
    return found


def settings_tables(settings: Settings) -> dict[str, dict[str, object]]:
    """The settings as TOML's tables; ``None`` stands for what need not be written."""
    return {
        "capture": {
            "watch_params": list(settings.watch_params),
            "watch_metrics": list(settings.watch_metrics),
            "ignore": list(settings.ignore),
            "data": None if settings.data else False,
        },
        "metrics": {"default": settings.metric, "directions": dict(settings.directions)},
        "table": {"columns": list(settings.columns)},
        "system_metrics": {
            "enabled": None if settings.system_metrics else False,
            "interval_s": None if settings.system_interval_s == _INTERVAL_S else settings.system_interval_s,
        },
    }


def _with(names: tuple[str, ...], added: tuple[str, ...], *, without: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in dict.fromkeys((*names, *added)) if name not in without)
