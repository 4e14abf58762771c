"""Where a project is, and what it remembers.

A project is a folder with a ``.nbtrail`` in it. Every path kept inside is relative, so the folder can be moved.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from nbtrail.errors import FileMissingError, InputError, SettingsError, StoreReadOnlyError
from nbtrail.notices import announce
from nbtrail.settings import Settings, settings_from, settings_tables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbtrail.store.blobs import Blobs
    from nbtrail.store.protocol import Store

FOLDER = ".nbtrail"
STORE_VARIABLE = "NBTRAIL_STORE"
_STORES = {".db", ".sqlite", ".sqlite3"}
_SQLITE = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class Project:
    """A folder whose notebooks share one store."""

    root: Path
    folder: Path
    """The ``.nbtrail`` folder, whether it exists yet or not."""
    url: str
    """The store's address, for ``open_store``."""

    @property
    def exists(self) -> bool:
        """Whether anything was ever recorded here."""
        try:
            return "://" in self.url or Path(self.url).exists()
        except OSError:
            # Whether it is there cannot be seen; whoever opens it hears why.
            return True

    @property
    def id(self) -> str:
        """Eight hexadecimal digits that tell this project from others on this machine."""
        import hashlib

        return hashlib.sha256(self.url.encode()).hexdigest()[:8]

    @property
    def name(self) -> str:
        """What people call the project: the name of its folder."""
        return self.root.name or str(self.root)

    @property
    def blobs(self) -> Blobs:
        """The project's content-addressed files."""
        from nbtrail.store.blobs import Blobs

        return Blobs(self.folder / "blobs")

    @property
    def journals(self) -> Path:
        """The folder in which live processes keep what is not in the store yet."""
        return self.folder / "journal"

    def relative(self, path: str | Path) -> str | None:
        """``path`` as seen from the root, with forward slashes; ``None`` if it lies outside."""
        try:
            return Path(os.path.realpath(path)).relative_to(os.path.realpath(self.root)).as_posix()
        except ValueError:
            return None

    def open(self, *, read_only: bool = True) -> Store:
        """Open the store; to write, the folder is made if it is not there.

        Raises
        ------
        StoreError
            The store cannot be read, or not written when it should be.
        """
        from nbtrail.store import open_store

        if not read_only:
            self.create()
        return open_store(self.url, read_only=read_only)

    def create(self) -> None:
        """Make the project's folder; that git leaves it alone is the user's to change.

        Raises
        ------
        StoreReadOnlyError
            The folder cannot be made.
        """
        if "://" in self.url:
            return
        try:
            # A store's file may be put into any folder: git must not pass over what else is there.
            is_ours = self.folder.name == FOLDER or not self.folder.exists()
            self.folder.mkdir(parents=True, exist_ok=True)
            ignore = self.folder / ".gitignore"
            if is_ours and not ignore.exists():
                ignore.write_text("*\n", encoding="utf-8")
        except OSError as error:
            raise StoreReadOnlyError(self.folder, reason=error.strerror or str(error)) from error

    def settings(self) -> Settings:
        """What the project remembers; the defaults where there is no file, or one with a mistake.

        A mistake is said once for each version of the file.
        """
        path = self._settings_path
        try:
            found = path.stat()
        except OSError:
            return Settings()
        return _settings_at(path, (found.st_ino, found.st_size, found.st_mtime_ns))

    def settings_problem(self) -> SettingsError | None:
        """What is wrong with the file of the settings; ``None`` where nothing is."""
        try:
            _read_settings(self._settings_path)
        except SettingsError as error:
            return error
        return None

    def save_settings(self, settings: Settings) -> None:
        """Write the settings, keeping the comments and the order of a file that is there.

        Raises
        ------
        SettingsError
            The file that is there has a mistake; it was left as it is.
        StoreReadOnlyError
            The folder cannot be written.
        """
        import tomlkit

        self.create()
        problem = self.settings_problem()
        if problem is not None:
            raise problem
        path = self._settings_path
        document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.exists() else tomlkit.document()
        for table, values in settings_tables(settings).items():
            if table not in document and all(value is None for value in values.values()):
                continue
            section = document.setdefault(table, tomlkit.table())
            for key, value in values.items():
                if value is None:
                    section.pop(key, None)
                else:
                    section[key] = value
        scratch = path.with_suffix(f".{os.getpid()}.tmp")
        try:
            scratch.write_text(tomlkit.dumps(document), encoding="utf-8")
            scratch.replace(path)
        except OSError as error:
            raise StoreReadOnlyError(path, reason=error.strerror or str(error)) from error

    @property
    def _settings_path(self) -> Path:
        return self.folder / "settings.toml"


def find_project(start: str | Path | None = None, *, environ: Mapping[str, str] = os.environ) -> Project:
    """The project that a notebook, script or folder belongs to.

    Parameters
    ----------
    start
        A file or folder; the working directory if left out. It need not exist.
    environ
        Where ``NBTRAIL_STORE`` is looked up: a folder, the path of an SQLite file, or a store's address.

    Returns
    -------
    Project
        The nearest folder upward that holds a ``.nbtrail``, else the root of the git repository, else the folder
        of ``start`` itself. Nothing is created.
    """
    here = Path(os.path.normpath(_working_folder() / (start or "")))
    folder = here.parent if here.is_file() or here.suffix == ".ipynb" else here
    address = environ.get(STORE_VARIABLE, "").strip()
    if address:
        return _project_at(address, root=_root_from(folder))
    root = _root_from(folder)
    return Project(root, root / FOLDER, str(root / FOLDER / "store.db"))


def named_project(path: str | Path, *, may_be_new: bool = False, environ: Mapping[str, str] = os.environ) -> Project:
    """The project that somebody names.

    Parameters
    ----------
    path
        A project's folder, anything in it, or the file of a store, wherever that lies and whatever ``environ`` says.
    may_be_new
        A folder that is not there yet, and lies in no project, is one too: it is made when something is recorded.
    environ
        As in ``find_project``.

    Raises
    ------
    FileMissingError
        Nothing is there: to look in the folders above would give another project than the one that is meant.
    InputError
        It is an archive.
    """
    named = Path(os.path.normpath(_working_folder() / os.path.expanduser(path)))  # noqa: PTH111 - Path's raises for ~old
    try:
        refuse_archive(named)
        if named.is_file() and _is_store(named):
            return Project(_root_from(named.parent), named.parent, str(named))
        is_there = named.exists()
    except (OSError, ValueError) as error:
        msg = f"{str(path)!r} cannot be the path of a project: {getattr(error, 'strerror', None) or error}."
        raise InputError(msg) from error
    if is_there or (may_be_new and environ.get(STORE_VARIABLE, "").strip()):
        return find_project(named, environ=environ)
    if may_be_new and named.suffix not in _STORES and not _lies_in_project(named):
        return Project(named, named / FOLDER, str(named / FOLDER / "store.db"))
    raise FileMissingError(path, purpose="look for a project in")


def refuse_archive(path: Path) -> None:
    """Say what to do with a project that is packed.

    Raises
    ------
    InputError
        The path is that of an archive.
    """
    if path.suffix.lower() == ".zip" and path.is_file():
        msg = (
            f"{path} is an archive, which cannot be used as it is. Unpack a backup "
            f'(python -m zipfile -e "{path}" .) and name the folder that comes out.'
        )
        raise InputError(msg)


def _lies_in_project(path: Path) -> bool:
    return any(os.path.exists(above / FOLDER) for above in path.parents)  # noqa: PTH110 - as below


def _is_store(path: Path) -> bool:
    if path.suffix in _STORES:
        return True
    with suppress(OSError), path.open("rb") as file:
        return file.read(len(_SQLITE)) == _SQLITE
    return False


def _working_folder() -> Path:
    """Where the process works, or, where that was deleted under it, where it began."""
    try:
        return Path.cwd()
    except OSError:
        return Path(os.environ.get("PWD") or Path.home())


def _root_from(folder: Path) -> Path:
    upward = (folder, *folder.parents)
    for marker in (FOLDER, ".git"):
        for candidate in upward:
            if os.path.exists(candidate / marker):  # noqa: PTH110 - Path.exists raises where one may not look
                return candidate
    return folder


def _project_at(address: str, *, root: Path) -> Project:
    address = address.removeprefix("sqlite:///")
    if "://" in address:
        return Project(root, root / FOLDER, address)
    path = Path(os.path.abspath(Path(address).expanduser()))
    if path.suffix in _STORES:
        return Project(root, path.parent, str(path))
    if path.name == FOLDER:
        return Project(path.parent, path, str(path / "store.db"))
    return Project(path, path / FOLDER, str(path / FOLDER / "store.db"))


@lru_cache(maxsize=8)
def _settings_at(path: Path, _version: tuple[int, int, int]) -> Settings:
    """Kept for each version of the file, so that its mistake is said once and not at every cell."""
    try:
        return _read_settings(path)
    except SettingsError as error:
        announce(f"{path} is passed over: {error.reason}. Mend or remove it.")
        return Settings()


def _read_settings(path: Path) -> Settings:
    try:
        import tomllib

        return settings_from(tomllib.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError):
        return Settings()
    except (OSError, ValueError, TypeError) as error:
        raise SettingsError(path, reason=str(error)) from error
