"""Fingerprints of files: size and a digest of the content. Worked out in the background."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from nbtrail.records import Dataset
from nbtrail.tracking.fingerprints.tables import VERSION, blocks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_WHOLE_BYTES: Final = 256 << 20
_SAMPLE_BYTES: Final = 16 << 20
_AT_ONCE_BYTES: Final = 1 << 20


def file_dataset(path: Path, name: str) -> Dataset | None:
    """What a file holds now; ``None`` if it is gone or is no file. Of more than 256 MB evenly spaced blocks count."""
    from xxhash import xxh3_128

    if not path.is_file():
        return None
    try:
        with path.open("rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            is_whole = size <= _WHOLE_BYTES
            hashed = xxh3_128(f"nbtrail {VERSION} file {size} {is_whole}".encode())
            for part in blocks(size, size if is_whole else _SAMPLE_BYTES):
                file.seek(part.start)
                left = part.stop - part.start
                while left > 0 and (data := file.read(min(left, _AT_ONCE_BYTES))):
                    hashed.update(data)
                    left -= len(data)
    except OSError:
        return None
    return Dataset(digest=hashed.hexdigest(), name=name, kind="file", size=size, sampled=not is_whole)


def folder_dataset(paths: Sequence[Path], name: str) -> Dataset:
    """Many files of one folder as one: how many, their names and their sizes."""
    from xxhash import xxh3_128

    found = []
    for path in sorted(paths):
        try:
            found.append((path.name, path.stat().st_size))
        except OSError:
            continue
    digest = xxh3_128(f"nbtrail {VERSION} files {found!r}".encode("utf-8", "surrogatepass")).hexdigest()
    size = sum(length for _, length in found)
    return Dataset(digest=digest, name=name, kind="files", shape=(len(found),), size=size, sampled=True)
