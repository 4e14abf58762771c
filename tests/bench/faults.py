"""Kills and losses of power: at which moments they fell, and what was lost. ``--kills N``; ``--write`` for the docs."""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tests.faults.kills import ROOT, SOURCE, Killer, Tally, census, project_in, rest, zygote
from tests.faults.power import lose_power, make_disk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.kills import Zygote

LANES = 4
ROUNDS_A_STORE = 25
LARGE_SHARE = 10
"""One in so many kills hits a process that fills one segment of its journal after the other."""
STOPS_AT_MOST = 40
"""Of one function, before and after each."""
PAGE = Path(__file__).parents[2] / "docs" / "durability.md"
BEGIN, END = "<!-- measured -->\n", "<!-- /measured -->\n"


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of fault."""

    fault: str
    tally: Tally

    @property
    def cells(self) -> tuple[str, ...]:
        """The texts of the table."""
        one = self.tally
        moments = ", ".join(f"{name} {count}" for name, count in sorted(one.phases.items(), key=lambda at: -at[1]))
        return (
            self.fault,
            f"{one.kills:,}",
            f"{one.runs:,} / {one.finished:,}",
            f"{one.points:,}",
            str(one.lost),
            str(len(one.wrong)),
            moments,
        )


HEAD = (
    "fault",
    "times",
    "runs begun / finished",
    "points for which `log` had returned",
    "lost",
    "wrong",
    "where the writer was",
)


def main() -> None:
    """Print the table, and everything that was wrong."""
    options = _options()
    console = Console()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name, Progress(console=console, transient=True) as progress:
        folder = Path(name)
        os.environ["XDG_STATE_HOME"] = str(folder / "state")
        with zygote(folder / "state") as victims:
            rows = list(_rows(victims, folder, options.kills, progress))
    for row in rows:
        for wrong in row.tally.wrong:
            console.print(f"[red]{row.fault}: {wrong}")
    table = Table(*HEAD, title=f"Faults, in {time.monotonic() - began:.0f} s")
    for row in rows:
        table.add_row(*row.cells)
    console.print(table)
    if options.write:
        _write(rows)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench faults")
    parser.add_argument("name", nargs="*")
    parser.add_argument("--kills", type=int, default=200, help="how many processes are killed at random moments")
    parser.add_argument("--write", action="store_true", help="write the table into docs/durability.md")
    return parser.parse_args(sys.argv[1:])


def _rows(victims: Zygote, folder: Path, kills: int, progress: Progress) -> Iterator[Row]:
    killer = Killer(victims, random.Random())
    large = kills // LARGE_SHARE
    yield Row("`kill -9` at a random moment", _at_random(killer, folder, kills - large, "log_many", progress))
    yield Row("… of a journal with several segments", _at_random(killer, folder, large, "log_large", progress))
    yield Row("… at each call that touches the disk or SQLite", _at_each_call(victims, killer, folder, progress))
    yield from _mounted(folder)
    if os.geteuid() == 0 and shutil.which("mkfs.ext4"):
        yield Row("loss of power (ext4)", _power(victims, folder, max(10, kills // 20), progress))


def _at_random(killer: Killer, folder: Path, kills: int, work: str, progress: Progress) -> Tally:
    tally = Tally()
    roots: list[Path] = []
    longest_s = {"log_many": 0.3, "log_large": 1.5}[work]
    for number in progress.track(range(-(-kills // LANES)), description=work):
        if number % ROUNDS_A_STORE == 0:
            tally.wrong += _left(roots)
            roots = [project_in(folder / f"{work}-{number}-{lane}") for lane in range(LANES)]
        tally.add(killer.volley(roots, f"r{number}", work=work, longest_s=longest_s))
    tally.wrong += _left(roots)
    return tally


def _left(roots: list[Path]) -> list[str]:
    left = [wrong for root in roots for wrong in rest(root)]
    for root in roots:
        shutil.rmtree(root)
    return left


def _at_each_call(victims: Zygote, killer: Killer, folder: Path, progress: Progress) -> Tally:
    tally = Tally()
    counts = census(victims, project_in(folder / "census"))
    calls = [(name, call) for name, count in counts.items() for call in _spread(count)]
    for name, call in progress.track(calls, description="each call"):
        for after in (False, True):
            root = project_in(folder / f"{name}-{call}-{after}")
            tally.add(killer.stop(root, name, call, after=after))
            tally.wrong += _left([root])
    return tally


def _spread(count: int) -> list[int]:
    return sorted({1 + at * (count - 1) // max(1, STOPS_AT_MOST - 1) for at in range(STOPS_AT_MOST)})


def _power(victims: Zygote, folder: Path, losses: int, progress: Progress) -> Tally:
    tally, empty, luck = Tally(), folder / "empty.img", random.Random()
    make_disk(empty)
    for number in progress.track(range(losses), description="power"):
        place = folder / f"power-{number}"
        tally.add(lose_power(victims, place, empty, after_s=luck.uniform(0, 1.5)))
        shutil.rmtree(place)
    return tally


def _mounted(folder: Path) -> Iterator[Row]:
    """Disks of a name space of their own, where the system lets users have one."""
    command = ["unshare", "--user", "--map-root-user", "--mount", sys.executable, "-m", "tests.faults.mounting"]
    if shutil.which("unshare") is None or subprocess.run([*command[:4], "true"], check=False).returncode:
        return
    environ = {**os.environ, "PYTHONPATH": f"{SOURCE}{os.pathsep}{ROOT}"}
    done = subprocess.run([*command, str(folder / "mounts")], env=environ, cwd=ROOT, capture_output=True, check=True)
    for fault, (told, kept) in json.loads(done.stdout).items():
        yield Row(fault, Tally(kills=1, runs=1, finished=1, points=told, lost=told - kept))


def _write(rows: list[Row]) -> None:
    lines = [f"| {' | '.join(cells)} |\n" for cells in (HEAD, ("---",) * len(HEAD), *(row.cells for row in rows))]
    before, _, rest_ = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    after = rest_.partition(END)[2]
    PAGE.write_text(before + BEGIN + "".join(lines) + END + after, encoding="utf-8")
