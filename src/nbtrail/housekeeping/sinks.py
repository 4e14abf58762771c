"""Where the files of a backup go: into a folder, or into a zip archive."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from typing import IO, TYPE_CHECKING, Final, Protocol

from nbtrail.machine.disk import sync_folder

if TYPE_CHECKING:
    from pathlib import Path

_BLOCK_BYTES: Final = 1 << 20


class Sink(Protocol):
    """Takes the files of a backup."""

    def add(self, source: Path, name: str) -> str:
        """Copy a file in under a relative name with forward slashes; the sha256 of what was copied.

        Raises
        ------
        OSError
            The file cannot be read, or the copy not be written.
        """

    def write(self, data: bytes, name: str) -> None:
        """Put bytes in under a name.

        Raises
        ------
        OSError
            They cannot be written.
        """

    def close(self) -> None:
        """Finish; all has reached the disk then."""


class FolderSink:
    """Files in a folder that is made."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()

    def add(self, source: Path, name: str) -> str:
        """See ``Sink``."""
        with source.open("rb") as opened:
            return self._take(opened, name)

    def write(self, data: bytes, name: str) -> None:
        """See ``Sink``."""
        self._take(io.BytesIO(data), name)

    def _take(self, opened: IO[bytes], name: str) -> str:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as copy:
            digest = _copy(opened, copy)
            copy.flush()
            os.fsync(copy.fileno())
        return digest

    def close(self) -> None:
        """See ``Sink``."""
        for folder, _, _ in os.walk(self._folder):
            sync_folder(self._folder / folder)


class ZipSink:
    """Files in a zip archive, within one folder of it.

    Parameters
    ----------
    path
        The archive; it is made.
    top
        The name of the folder, so that unpacking it makes one.
    """

    def __init__(self, path: Path, top: str) -> None:
        self._path = path
        self._top = top
        self._archive = zipfile.ZipFile(path, "x", compression=zipfile.ZIP_DEFLATED, compresslevel=1)

    def add(self, source: Path, name: str) -> str:
        """See ``Sink``."""
        with source.open("rb") as opened:
            entry = zipfile.ZipInfo.from_file(source, f"{self._top}/{name}", strict_timestamps=False)
            entry.compress_type = zipfile.ZIP_DEFLATED
            with self._archive.open(entry, "w", force_zip64=True) as copy:
                return _copy(opened, copy)

    def write(self, data: bytes, name: str) -> None:
        """See ``Sink``."""
        self._archive.writestr(f"{self._top}/{name}", data)

    def close(self) -> None:
        """See ``Sink``."""
        self._archive.close()
        with self._path.open("rb+") as archive:
            os.fsync(archive.fileno())


def _copy(source: IO[bytes], target: IO[bytes]) -> str:
    sha256 = hashlib.sha256()
    while block := source.read(_BLOCK_BYTES):
        sha256.update(block)
        target.write(block)
    return sha256.hexdigest()
