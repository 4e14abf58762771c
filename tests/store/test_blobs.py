from __future__ import annotations

import hashlib
import os

import pytest

from nbtrail.errors import FileMissingError, InputError
from nbtrail.store.blobs import Blobs


@pytest.fixture
def blobs(tmp_path):
    return Blobs(tmp_path / "blobs")


def files(blobs):
    return sorted(path.relative_to(blobs.folder).as_posix() for path in blobs.folder.rglob("*") if path.is_file())


def test_content_lies_under_its_digest(blobs):
    digest = blobs.put_bytes(b"hello")
    assert digest == hashlib.sha256(b"hello").hexdigest()
    assert blobs.read(digest) == b"hello"
    assert files(blobs) == [f"{digest[:2]}/{digest[2:]}"]
    assert blobs.path(digest) == blobs.folder / digest[:2] / digest[2:]


def test_equal_content_is_stored_once_however_it_comes(blobs, tmp_path):
    source = tmp_path / "model.bin"
    source.write_bytes(b"x" * 3_000_000)
    assert blobs.put_file(source) == blobs.put_bytes(source.read_bytes()) == blobs.put_file(source)
    assert len(files(blobs)) == 1


def test_nothing_is_left_of_a_copy_that_failed(blobs, tmp_path, monkeypatch):
    source = tmp_path / "model.bin"
    source.write_bytes(b"x")

    def fail(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        blobs.put_file(source)
    assert files(blobs) == []


def test_empty_content_is_content(blobs):
    assert blobs.read(blobs.put_bytes(b"")) == b""


@pytest.mark.parametrize("name", ["missing.bin", "", "folder", "file/inside"])
def test_a_source_that_is_no_file_is_an_error(blobs, tmp_path, name):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FileMissingError, match="store"):
        blobs.put_file(tmp_path / name)


def test_content_that_is_not_here_is_an_error(blobs):
    with pytest.raises(FileMissingError, match="read"):
        blobs.read("0" * 64)


@pytest.mark.parametrize("digest", ["", "abc", "../" * 21 + "x", "A" * 64, "0" * 64 + "\n"])
def test_a_digest_names_no_other_file(blobs, digest):
    with pytest.raises(InputError, match="no digest"):
        blobs.path(digest)


def test_content_that_is_stored_again_counts_as_just_written(blobs):
    """A purge must not remove what somebody is about to refer to."""
    path = blobs.path(blobs.put_bytes(b"model"))
    os.utime(path, (1, 1))
    blobs.put_bytes(b"model")
    assert path.stat().st_mtime > 1


def test_content_that_is_gone_cannot_be_renewed(blobs):
    assert not blobs.renew("ab" * 32)
