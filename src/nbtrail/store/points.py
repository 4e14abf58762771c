"""The chunk codec: columns of steps, times and values, to bytes and back.

``docs/chunk-format.md`` describes the bytes; nothing else in nbtrail knows them.
"""

from __future__ import annotations

import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

CHUNK_POINTS: Final = 4096
"""The most points in one chunk."""
_OPTIONS: Final[dict[int, int]] = {
    zstd.CompressionParameter.compression_level: 1,
    zstd.CompressionParameter.checksum_flag: 1,
}
_WIDTHS: Final = (1, 2, 4)


class DamagedChunkError(Exception):
    """The bytes of a chunk are not those that were written; the store says so in words of its own."""


class DamagedSeriesError(DamagedChunkError):
    """A damaged chunk, and whose it is."""

    def __init__(self, run: str, key: str, reason: str) -> None:
        self.run = run
        """The run's name."""
        self.key = key
        self.reason = reason
        super().__init__(f"{key!r} of run {run!r}: {reason}")


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Points in the order in which they were logged; three arrays of one length."""

    steps: NDArray[np.int64]
    times_ms: NDArray[np.int64]
    """UTC milliseconds."""
    values: NDArray[np.float64]

    def __len__(self) -> int:
        """How many points there are."""
        return len(self.values)

    def part(self, start: int, stop: int) -> Points:
        """The points from ``start`` up to, not including, ``stop``."""
        return Points(self.steps[start:stop], self.times_ms[start:stop], self.values[start:stop])


@dataclass(frozen=True, slots=True)
class Chunk:
    """Points as they are stored."""

    count: int
    steps: bytes
    times: bytes
    values: bytes


def join(parts: Sequence[Points]) -> Points:
    """The points of all parts, one after the other; empty arrays for no parts."""
    if not parts:
        return Points(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float64))
    return Points(
        np.concatenate([part.steps for part in parts]),
        np.concatenate([part.times_ms for part in parts]),
        np.concatenate([part.values for part in parts]),
    )


def encode(points: Points) -> Chunk:
    """One chunk with all points; there is at least one, and at most ``CHUNK_POINTS``."""
    return Chunk(
        count=len(points),
        steps=_compress(_encode_integers(points.steps)),
        times=_compress(_encode_integers(points.times_ms)),
        values=_compress(points.values.astype("<f8", copy=False).tobytes()),
    )


def decode(*chunks: Chunk) -> Points:
    """The points of chunks, one after the other, exactly as they were encoded.

    Raises
    ------
    DamagedChunkError
        The bytes are not those that were written: each column bears a checksum.
    """
    starts = [0]
    for chunk in chunks:
        if type(chunk.count) is not int or not 0 < chunk.count <= CHUNK_POINTS:
            message = f"a chunk of {chunk.count} points"
            raise DamagedChunkError(message)
        starts.append(starts[-1] + chunk.count)
    # All of a long curve in place: to put it together from its parts would take the memory, and the time, twice.
    size = starts[-1]
    points = Points(np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size, np.float64))
    for chunk, start, stop in zip(chunks, starts, starts[1:], strict=False):
        _decode_into(points.part(start, stop), chunk)
    return points


def _decode_into(points: Points, chunk: Chunk) -> None:
    try:
        _decode_integers(zstd.decompress(chunk.steps), points.steps)
        _decode_integers(zstd.decompress(chunk.times), points.times_ms)
        values = np.frombuffer(zstd.decompress(chunk.values), "<f8")
    except (zstd.ZstdError, ValueError, TypeError, IndexError) as error:
        raise DamagedChunkError(str(error)) from error
    _fill(points.values, values)


class _Compressors(threading.local):
    """Each thread's own: to make one takes twenty times as long as to compress the points of a small chunk."""

    def __init__(self) -> None:
        self.own = zstd.ZstdCompressor(options=_OPTIONS)


_compressors: Final = _Compressors()


def _compress(raw: bytes) -> bytes:
    return _compressors.own.compress(raw, mode=zstd.ZstdCompressor.FLUSH_FRAME)


def _encode_integers(numbers: NDArray[np.int64]) -> bytes:
    """The width of a difference, the first number, the differences; arithmetic wraps around at 64 bits."""
    with np.errstate(over="ignore"):
        deltas = np.diff(numbers)
    low, high = (int(deltas.min()), int(deltas.max())) if len(deltas) else (0, 0)
    width = next((w for w in _WIDTHS if -(1 << (8 * w - 1)) <= low and high < 1 << (8 * w - 1)), 8)
    return bytes([width]) + numbers[:1].astype("<i8").tobytes() + deltas.astype(f"<i{width}").tobytes()


def _decode_integers(raw: bytes, numbers: NDArray[np.int64]) -> None:
    _fill(numbers[1:], np.frombuffer(raw, f"<i{raw[0]}", offset=9))
    numbers[0] = int.from_bytes(raw[1:9], "little", signed=True)
    np.cumsum(numbers, out=numbers)


def _fill(place: NDArray[Any], found: NDArray[Any]) -> None:
    """Put numbers where as many are expected; numpy alone would repeat a single one."""
    if len(found) != len(place):
        message = f"{len(found)} numbers instead of {len(place)}"
        raise DamagedChunkError(message)
    place[:] = found
