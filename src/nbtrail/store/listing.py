"""What a store promises to those who show lists and tables of many runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from nbtrail.records import Json, Series
    from nbtrail.store.protocol import RunQuery

GroupKey: TypeAlias = Literal["notebook", "status", "tag"]


@dataclass(frozen=True, slots=True, eq=False)
class ParamColumn:
    """One param of many runs: a value for each that has it."""

    positions: NDArray[np.int64]
    """Places among the runs, ascending."""
    values: list[Json]

    def filled(self, length: int) -> list[Json]:
        """A value for each of ``length`` runs, ``None`` where one lacks the param."""
        if len(self.values) == length:
            return self.values
        column: list[Json] = [None] * length
        for position, value in zip(self.positions.tolist(), self.values, strict=True):
            column[position] = value
        return column


@dataclass(frozen=True, slots=True, eq=False)
class MetricColumn:
    """The last values of one metric of many runs, for each that has it."""

    positions: NDArray[np.int64]
    """Places among the runs, ascending."""
    values: NDArray[np.float64]

    def filled(self, length: int) -> NDArray[np.float64]:
        """A value for each of ``length`` runs, NaN where one lacks the metric."""
        if len(self.values) == length:
            return self.values
        column = np.full(length, np.nan)
        column[self.positions] = self.values
        return column


class Listing(Protocol):
    """Of many runs little each; nothing is read of runs and names that were not asked for."""

    def param_columns(
        self, run_ids: Sequence[str], *, keys: Collection[str] | None = None, most: int | None = None
    ) -> dict[str, ParamColumn]:
        """The values of the params of these runs, by sorted key.

        Of ``keys`` alone where they are given, and of each run only the ``most`` first ones by key.
        Nothing is kept for runs that lack a param, so that thousands of params cost no more than their values.
        """

    def metric_columns(
        self, run_ids: Sequence[str], *, keys: Collection[str] | None = None, system: bool = False
    ) -> dict[str, MetricColumn]:
        """The last values of the metrics of these runs, by sorted key; of ``keys`` alone where they are given.

        Those that nbtrail itself measured of the system are among them only on request, or when they are named.
        """

    def metric_keys(self, run_ids: Sequence[str], *, least_points: int = 1) -> dict[str, list[str]]:
        """The metrics of these runs that have so many points, sorted, by run; those of the system are left out.

        A run without any is not in it.
        """

    def metric_counts(self, run_ids: Sequence[str]) -> dict[str, int]:
        """How many of these runs have each metric; those of the system are left out.

        Where runs have thousands of metrics, only the first runs are looked at.
        """

    def outline(self, run_id: str, key: str, *, most_points: int) -> Series:
        """A metric's points for a small picture of them.

        All of them if they are at most so many, else stretches of them, evenly spread, with the first and the last one.
        """

    def group_counts(self, query: RunQuery, by: GroupKey) -> dict[str | None, int]:
        """How many of the runs that match have each notebook, status or tag; ``None`` counts those without one.

        The page of the query counts for nothing.
        """
