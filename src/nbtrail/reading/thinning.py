"""Fewer points that look the same: what is drawn never holds more than a screen shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from tsdownsample import MinMaxLTTBDownsampler

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEWEST_POINTS: Final = 3
"""A curve needs its two ends and something between them."""
_GAP_SHARE: Final = 4
"""At most one of so many points tells of a gap."""


def thin(steps: NDArray[np.int64], values: NDArray[np.float64], max_points: int) -> NDArray[np.intp]:
    """Which points to keep so that a curve looks the same.

    Parameters
    ----------
    steps, values
        The points in the order logged.
    max_points
        Keep no more than this, and at least 3.

    Returns
    -------
    numpy.ndarray
        Ascending positions. The finite values are thinned with MinMaxLTTB over buckets of equal width in steps;
        where steps go back, over buckets of equal numbers of points in the order logged. Of each stretch of NaN and
        ±inf, the longest first, the first point is kept, so that gaps stay gaps.
    """
    if len(steps) <= max_points:
        return np.arange(len(steps))
    finite = np.isfinite(values)
    if finite.all():
        return np.sort(_extremes(steps, values, max_points))
    gaps = _gap_starts(finite, most=max_points // _GAP_SHARE)
    at = np.flatnonzero(finite)
    room = max_points - len(gaps)
    kept = at if len(at) <= room else at[_extremes(steps[at], values[at], room)]
    return np.sort(np.concatenate([kept, gaps]))


def _gap_starts(finite: NDArray[np.bool_], *, most: int) -> NDArray[np.intp]:
    """Where stretches of not finite values begin, the longest ``most`` of them."""
    edges = np.diff(np.concatenate([[True], finite, [True]]).astype(np.int8))
    starts = np.flatnonzero(edges == -1)
    lengths = np.flatnonzero(edges == 1) - starts
    return starts[np.argsort(-lengths, kind="stable")[:most]]


def _extremes(steps: NDArray[np.int64], values: NDArray[np.float64], room: int) -> NDArray[np.intp]:
    downsampler = MinMaxLTTBDownsampler()  # type: ignore[no-untyped-call]
    if (steps[1:] < steps[:-1]).any():
        picked = downsampler.downsample(values, n_out=room)
    else:
        picked = downsampler.downsample(steps, values, n_out=room)
    return np.asarray(picked, dtype=np.intp)
