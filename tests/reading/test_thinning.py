"""Fewer points that look the same."""

from __future__ import annotations

import numpy as np
import pytest

from nbtrail.reading.thinning import thin


def wave(count):
    return np.sin(np.arange(count) / 50.0)


def test_a_curve_that_is_short_enough_is_kept_whole():
    assert thin(np.arange(5), np.ones(5), 5).tolist() == [0, 1, 2, 3, 4]


def test_the_ends_and_every_spike_stay():
    values = wave(10_000)
    values[1234], values[8765] = 9.0, -9.0

    kept = thin(np.arange(10_000), values, 200)

    assert len(kept) <= 200
    assert {0, 1234, 8765, 9_999} <= set(kept.tolist())


@pytest.mark.parametrize("most", [3, 4, 5, 50])
def test_there_are_never_more_points_than_asked_for(most):
    values = wave(1000)
    values[::7] = np.nan

    assert len(thin(np.arange(1000), values, most)) <= most


def test_a_gap_stays_a_gap():
    values = wave(10_000)
    values[4000:6000] = np.nan

    kept = thin(np.arange(10_000), values, 100)

    assert np.isnan(values[kept]).sum() == 1
    assert 4000 in kept


def test_with_many_gaps_the_longest_stay():
    values = wave(1000)
    values[::3] = np.inf
    values[500:540] = np.nan

    kept = thin(np.arange(1000), values, 40)

    assert 500 in kept or 498 in kept
    assert (~np.isfinite(values[kept])).sum() == 10


def test_a_curve_without_any_number_gives_a_gap():
    assert thin(np.arange(100), np.full(100, np.nan), 10).tolist() == [0]


def test_steps_that_go_back_keep_both_stretches():
    steps = np.concatenate([np.arange(1000), np.arange(500, 1500)])
    values = np.concatenate([np.zeros(1000), np.ones(1000)])
    values[700], values[1200] = -5.0, 5.0

    kept = thin(steps, values, 50)

    assert {0, 700, 1200, 1999} <= set(kept.tolist())
    assert (np.diff(kept) > 0).all()


def test_steps_that_count_down_keep_the_shape():
    assert len(thin(np.arange(1000)[::-1], wave(1000), 50)) > 40


def test_the_same_step_again_and_again_is_no_trouble():
    kept = thin(np.zeros(1000, dtype=np.int64), wave(1000), 20)

    assert kept[0] == 0
    assert kept[-1] == 999
