"""The chunk codec, and the words that describe it in the docs."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nbtrail.store.points import CHUNK_POINTS, DamagedChunkError, Points, decode, encode, join

FORMAT = Path(__file__).parents[2] / "docs" / "chunk-format.md"
LOW, HIGH = -(2**63), 2**63 - 1


def points(steps, times_ms=None, values=None):
    count = len(steps)
    times_ms = range(1_790_000_000_000, 1_790_000_000_000 + count) if times_ms is None else times_ms
    values = np.linspace(0, 1, count) if values is None else values
    return Points(np.array(steps, np.int64), np.array(times_ms, np.int64), np.array(values, np.float64))


SERIES = {
    "one": points([7]),
    "steps that count": points(range(CHUNK_POINTS)),
    "steps that go back and repeat": points([5, 5, 3, -1, 100_000]),
    "the widest steps": points([LOW, HIGH, 0, HIGH, LOW]),
    "wide steps": points([0, 2**31, 0, -(2**31) - 1]),
    "no numbers": points([0, 1, 2, 3], values=[np.nan, np.inf, -np.inf, -0.0]),
    "a nan of its own kind": points([0], values=np.array([0x7FF0DEADBEEF0001], np.uint64).view(np.float64)),
    "times that go back": points([0, 1, 2], times_ms=[10, -5, 0]),
}


@pytest.mark.parametrize("series", SERIES.values(), ids=SERIES)
def test_a_chunk_holds_its_points_to_the_bit(series):
    found = decode(encode(series))
    assert found.steps.tolist() == series.steps.tolist()
    assert found.times_ms.tolist() == series.times_ms.tolist()
    assert found.values.tobytes() == series.values.tobytes()


@pytest.mark.parametrize("series", SERIES.values(), ids=SERIES)
def test_the_lines_in_the_docs_decode_a_chunk(series):
    (lines,) = re.findall(r"```python\n(.*?)```", FORMAT.read_text(encoding="utf-8"), re.DOTALL)
    names = {}
    exec(lines, names)  # the document is ours
    chunk = encode(series)
    steps, times, values = names["decode"](chunk.steps, chunk.times, chunk.values)
    assert steps.tolist() == series.steps.tolist()
    assert times.tolist() == (series.times_ms / 1000).tolist()
    assert values.tobytes() == series.values.tobytes()


def test_steps_that_count_and_regular_times_take_next_to_nothing():
    chunk = encode(points(range(CHUNK_POINTS)))
    assert len(chunk.steps) + len(chunk.times) < 100


def test_random_values_take_their_eight_bytes_and_no_more():
    random = np.random.default_rng(0).integers(0, 2**62, CHUNK_POINTS).view(np.float64)
    assert len(encode(points(range(CHUNK_POINTS), values=random)).values) < 8.02 * CHUNK_POINTS


def test_parts_are_joined_in_order():
    joined = join([points([1, 2]), points([0])])
    assert joined.steps.tolist() == [1, 2, 0]
    assert len(join([])) == 0


def test_chunks_are_decoded_one_after_the_other():
    found = decode(encode(points([1, 2], values=[0.1, 0.2])), encode(points([0], values=[0.3])))
    assert found.steps.tolist() == [1, 2, 0]
    assert found.values.tolist() == [0.1, 0.2, 0.3]
    assert len(decode()) == 0


@pytest.mark.parametrize("count", [-1, 0, 1, 3, 2**50])
def test_a_chunk_that_has_not_as_many_points_as_it_says_is_damaged(count):
    with pytest.raises(DamagedChunkError):
        decode(replace(encode(points([5, 6])), count=count))
