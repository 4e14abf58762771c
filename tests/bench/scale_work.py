"""What a person with years of runs does, as functions of a store; each is what the sidebar or a cell calls."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nbtrail.notebook.table import read_table
from nbtrail.project import find_project
from nbtrail.reading import frames
from nbtrail.reading.charts import draw_comparison, prepare_comparison, vegalite5
from nbtrail.reading.diff import diff_runs
from nbtrail.server import payloads
from nbtrail.server.numbers import encode
from nbtrail.server.places import locate
from nbtrail.server.requests import GroupsRequest, PageRequest
from nbtrail.server.sparks import Sparks
from nbtrail.settings import Settings
from nbtrail.store import open_store
from nbtrail.store.protocol import RunQuery

if TYPE_CHECKING:
    from collections.abc import Callable

REPEATS = 5
WIDE = "metrics.loss > 0.1 and params.lr < 0.09"
NARROW = "metrics.loss > 0.99 and params.lr < 0.05"
PAGES = {
    "newest first": {},
    "newest first, nine tenths down": {"offset": 0.9},
    "by name": {"sort": "name"},
    "by name, nine tenths down": {"sort": "name", "offset": 0.9},
    "by duration": {"sort": "-duration"},
    "by duration, nine tenths down": {"sort": "-duration", "offset": 0.9},
    "by status": {"sort": "status"},
    "by notebook": {"sort": "notebook"},
    "by a metric": {"sort": "-metrics.acc"},
    "by a metric, nine tenths down": {"sort": "metrics.acc", "offset": 0.9},
    "by a metric that few runs have": {"sort": '-metrics["RARE"]'},
    "by a param": {"sort": "params.lr"},
    "by a param, nine tenths down": {"sort": "-params.lr", "offset": 0.9},
    "by a param of texts": {"sort": "params.model"},
    f"`{NARROW}`": {"filter": NARROW},
    f"`{WIDE}`": {"filter": WIDE},
    f"`{WIDE}`, half down": {"filter": WIDE, "offset": 0.35},
    f"`{WIDE}`, by a metric": {"filter": WIDE, "sort": "-metrics.acc"},
    '`"999" in name`': {"filter": '"999" in name'},
    '`"best" in tags`': {"filter": '"best" in tags'},
    '`not "best" in tags`': {"filter": 'not "best" in tags'},
    '`failed or "best" in tags`': {"filter": 'failed or "best" in tags'},
    "`lost`": {"filter": "lost"},
    '`started > "30 days ago"`': {"filter": 'started > "30 days ago"'},
    "`not (metrics.loss > 0.5)`": {"filter": "not (metrics.loss > 0.5)"},
    "without a metric that few runs have": {"filter": 'metrics["RARE"] is None'},
    "one notebook": {"filter": 'notebook == "work/experiment-3.ipynb"'},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One thing that is done, and how it is called in the tables."""

    group: str
    name: str
    do: Callable[[], object]
    repeats: int = REPEATS
    again: bool = False
    """Also measured a second time without a change between."""
    share: float = 1.0
    """By how much the milliseconds are multiplied: where the work is as large as the store has it."""


class Desk:
    """A filled store, as the sidebar and a notebook have it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / ".nbtrail" / "store.db"
        self.project = find_project(folder)
        self.place = locate(folder, "")
        self.store = open_store(self.path, read_only=True)
        self.runs = self.store.count(RunQuery())
        self.sparks = Sparks()
        self._other = sqlite3.connect(self.path, isolation_level=None)

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()
        self._other.close()

    def change(self) -> None:
        """Somebody writes, so that nothing that was remembered counts any more."""
        self._other.execute("UPDATE sessions SET heartbeat = heartbeat + 0.001 WHERE rowid = 1")

    def page(self, *, sort: str = "-started", filter: str = "", offset: float = 0.0) -> str:  # noqa: A002
        """A page of 100 as the sidebar asks for it, as the text that is sent."""
        asked = PageRequest(sort=sort, filter=filter, offset=int(offset * self.runs), summaries=False)
        return encode(payloads.runs_page(self.store, self.place, asked, self.sparks))

    def works(self) -> list[Work]:
        """Everything that is measured of a store of any size."""
        groups = [
            Work(group="groups", name=f"by {by}{of}", do=lambda by=by, text=text: self._groups(by, text), again=True)
            for by in ("notebook", "status", "tag")
            for of, text in (("", ""), (", with a wide filter", WIDE))
        ]
        rare = self.store.names().metrics[-1]
        named = {name: _with_name(asked, rare) for name, asked in PAGES.items()}
        pages = [
            Work(group="page", name=name, do=lambda asked=asked: self.page(**asked), again=True)
            for name, asked in named.items()
        ]
        return [
            Work(group="store", name="open", do=self._open),
            Work(group="store", name="notice a change", do=self.store.change_mark),
            Work(group="store", name="which runs changed", do=lambda: self.store.changed_since(self._revision())),
            Work(group="store", name="names, for completion", do=self.store.names, again=True),
            *pages,
            *groups,
            *self._curves(),
            Work(group="run", name="its details", do=self._details),
            Work(group="run", name="compare 20 runs", do=self._compare),
            Work(group="run", name="diff of 2 runs", do=self._diff),
            Work(group="cell", name="`%track runs`", do=self._table),
            Work(group="cell", name="`nt.runs(limit=100)`", do=lambda: frames.runs(limit=100, project=self.project)),
            Work(group="cell", name="`nt.runs(columns=[three])`", do=self._three_columns, repeats=2),
            Work(group="cell", name="`nt.runs()`, whole", do=lambda: frames.runs(project=self.project), repeats=1),
        ]

    def measure(self, work: Work) -> dict[str, float]:
        """Milliseconds: right after a change of the store, and, where it is asked, once more without one."""
        first, again = [], []
        for _ in range(work.repeats):
            self.change()
            first.append(_timed(work.do) * work.share)
            if work.again:
                again.append(_timed(work.do) * work.share)
        return {"first": min(first), **({"again": min(again)} if again else {})}

    def _curves(self) -> list[Work]:
        """Reading the longest curve there is, as if it had a million points, and a short one."""
        lengths = "SELECT run_id, key, count FROM metrics WHERE {} LIMIT 1"
        *longest, count = self._other.execute(lengths.format("1 ORDER BY count DESC")).fetchone()
        *short, short_count = self._other.execute(lengths.format("count BETWEEN 900 AND 1100")).fetchone()
        return [
            Work(group="curve", name="of 1,000 points", do=lambda: self.store.series(*short), share=1e3 / short_count),
            Work(group="curve", name="of 1,000,000 points", do=lambda: self.store.series(*longest), share=1e6 / count),
        ]

    def _revision(self) -> int:
        return self.store.revision() - 1

    def _open(self) -> None:
        open_store(self.path, read_only=True).close()

    def _groups(self, by: str, text: str) -> str:
        return encode(payloads.groups_payload(self.store, GroupsRequest(by=by, filter=text)))

    def _latest(self, count: int) -> list:
        return self.store.runs(RunQuery(limit=count))

    def _details(self) -> str:
        return encode(payloads.run_details(self.store, self.project, self._latest(1)[0].id, self.sparks))

    def _compare(self) -> str:
        return json.dumps(
            vegalite5(draw_comparison(prepare_comparison(self.store, self._latest(20), None, Settings())))
        )

    def _diff(self) -> object:
        return diff_runs(self.store, self._latest(2), Settings())

    def _table(self) -> object:
        before = Path.cwd()
        os.chdir(self.folder)
        try:
            return read_table("")
        finally:
            os.chdir(before)

    def _three_columns(self) -> object:
        return frames.runs(columns=["name", "params.lr", "metrics.loss"], project=self.project)


def _with_name(asked: dict, name: str) -> dict:
    return {key: text.replace("RARE", name) if isinstance(text, str) else text for key, text in asked.items()}


def _timed(do: Callable[[], object]) -> float:
    """Milliseconds of the processor: others may be using the machine."""
    started = time.process_time()
    do()
    return (time.process_time() - started) * 1e3
