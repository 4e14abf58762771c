"""The chunk codec: columns of steps, times and values, to bytes and back.

``docs/chunk-format.md`` describes the bytes; nothing else in nbtrail knows them.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

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


def decode(chunk: Chunk) -> Points:
    """The points of a chunk, exactly as they were encoded.

    Raises
    ------
    DamagedChunkError
        The bytes are not those that were written: each column bears a checksum.
    """
    try:
        points = Points(
            _decode_integers(zstd.decompress(chunk.steps)),
            _decode_integers(zstd.decompress(chunk.times)),
            np.frombuffer(zstd.decompress(chunk.values), "<f8").astype(np.float64, copy=False),
        )
    except (zstd.ZstdError, ValueError, TypeError, IndexError) as error:
        raise DamagedChunkError(str(error)) from error
    if not len(points.steps) == len(points.times_ms) == len(points.values) == chunk.count:
        message = f"{len(points.values)} points instead of {chunk.count}"
        raise DamagedChunkError(message)
    return points


def _compress(raw: bytes) -> bytes:
    return zstd.compress(raw, options=_OPTIONS)


def _encode_integers(numbers: NDArray[np.int64]) -> bytes:
    """The width of a difference, the first number, the differences; arithmetic wraps around at 64 bits."""
    with np.errstate(over="ignore"):
        deltas = np.diff(numbers)
    low, high = (int(deltas.min()), int(deltas.max())) if len(deltas) else (0, 0)
    width = next((w for w in _WIDTHS if -(1 << (8 * w - 1)) <= low and high < 1 << (8 * w - 1)), 8)
    return bytes([width]) + numbers[:1].astype("<i8").tobytes() + deltas.astype(f"<i{width}").tobytes()


def _decode_integers(raw: bytes) -> NDArray[np.int64]:
    deltas = np.frombuffer(raw, f"<i{raw[0]}", offset=9)
    numbers = np.empty(len(deltas) + 1, np.int64)
    numbers[0] = int.from_bytes(raw[1:9], "little", signed=True)
    numbers[1:] = deltas
    return np.cumsum(numbers, out=numbers)
