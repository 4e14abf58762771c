"""Content-addressed files: artifacts, outputs and diffs, each stored once under the digest of its bytes."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from nbtrail.errors import FileMissingError, InputError
from nbtrail.machine.disk import make_folder, sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK_BYTES: Final = 1 << 20
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class Blobs:
    """The files in one folder, as ``ab/cdef…``: the first two digits of the sha256, then the rest.

    A file is written whole or not at all, and never changed. Several processes may write at once.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, digest: str) -> Path:
        """Where the content with this digest lies, or would lie.

        Raises
        ------
        InputError
            The text is no sha256 in hexadecimal digits.
        """
        if not _DIGEST.fullmatch(digest):
            message = f"{digest!r} is no digest; one has 64 hexadecimal digits in lower case."
            raise InputError(message)
        return self.folder / digest[:2] / digest[2:]

    def put_bytes(self, data: bytes) -> str:
        """Store the bytes and return their digest; content that is there already is not written again."""
        digest = hashlib.sha256(data).hexdigest()
        if not self.renew(digest):
            with self._temporary() as (temporary, name):
                temporary.write(data)
                self._keep(temporary, name, self.path(digest))
        return digest

    def put_file(self, source: Path) -> str:
        """Store a copy of a file and return the digest of its content.

        Raises
        ------
        FileMissingError
            There is no such file.
        """
        try:
            opened = source.open("rb")
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            raise FileMissingError(source, purpose="store") from None
        # Digest and copy come from one reading: the file may be written to meanwhile.
        with opened, self._temporary() as (temporary, name):
            sha256 = hashlib.sha256()
            while block := opened.read(_BLOCK_BYTES):
                sha256.update(block)
                temporary.write(block)
            digest = sha256.hexdigest()
            if not self.renew(digest):
                self._keep(temporary, name, self.path(digest))
        return digest

    def renew(self, digest: str) -> bool:
        """Whether the content is here; if so it counts as just written, and a purge leaves it."""
        path = self.path(digest)
        try:
            os.utime(path)
        except PermissionError:
            # Another user's file, which cannot be renewed by us, nor removed by us.
            return path.exists()
        except OSError:
            return False
        return True

    def read(self, digest: str) -> bytes:
        """The content with this digest.

        Raises
        ------
        FileMissingError
            It is not here.
        """
        path = self.path(digest)
        try:
            return path.read_bytes()
        except FileNotFoundError:
            raise FileMissingError(path, purpose="read") from None

    @contextlib.contextmanager
    def _temporary(self) -> Iterator[tuple[IO[bytes], Path]]:
        make_folder(self.folder)
        handle, made = tempfile.mkstemp(prefix=".new-", dir=self.folder)
        name = Path(made)
        try:
            with os.fdopen(handle, "wb") as temporary:
                yield temporary, name
        finally:
            with contextlib.suppress(FileNotFoundError):
                name.unlink()

    def _keep(self, temporary: IO[bytes], name: Path, path: Path) -> None:
        """Give the finished file its name, so that it outlives a loss of power."""
        temporary.flush()
        os.fsync(temporary.fileno())
        make_folder(path.parent)
        temporary.close()
        name.replace(path)
        sync_folder(path.parent)
