"""Many processes write one store while others read it."""

from __future__ import annotations

import time

from nbtrail.store.protocol import RunQuery
from nbtrail.tracking import reader
from tests.faults.kills import Tally, look, rest
from tests.faults.ledger import FINISHED, READS, SEEN, STOP, Ledger

WRITERS = 16
VIEWERS = {"reader-a": "read_on", "reader-b": "read_on", "server": "watch_on"}


def test_sixteen_processes_write_one_store_while_viewers_read_and_nothing_is_lost(victims, root):
    viewers = {name: victims.fork(root, name, work=work) for name, work in VIEWERS.items()}
    writers = {f"w{number}": victims.fork(root, f"w{number}", work="log_few") for number in range(WRITERS)}
    assert [victims.wait(pid) for pid in writers.values()] == [0] * WRITERS
    tally = Tally()
    for name in writers:
        tally.add(look(root, name))
    ledgers = {name: Ledger(root / f"{name}.ledger") for name in viewers}
    reads = {name: ledger[READS] for name, ledger in ledgers.items()}
    time.sleep(0.5)
    for ledger in ledgers.values():
        ledger[STOP] = 1

    assert {name: victims.wait(pid) for name, pid in viewers.items()} == dict.fromkeys(viewers, 0)
    assert tally.wrong == []
    assert tally.runs == 3 * WRITERS
    assert min(reads.values()) >= WRITERS, "a viewer stood still while others wrote"
    assert ledgers["reader-a"][SEEN] == ledgers["reader-b"][SEEN] == WRITERS * 2 * (4 + 60 + 30)
    assert ledgers["server"][SEEN] >= 3 * WRITERS
    assert rest(root) == []


def test_runs_that_begin_at_once_under_one_name_get_names_of_their_own_and_know_them(victims, root):
    moment = int(time.time() * 1000) + 500
    pids = {}
    for name in (f"n{number}" for number in range(8)):
        ledger = Ledger(root / f"{name}.ledger")
        ledger[STOP] = moment
        ledger.close()
        pids[name] = victims.fork(root, name, work="log_same", quiet=True)

    assert [victims.wait(pid) for pid in pids.values()] == [0] * 8
    with reader(root) as reading:
        names = {run.name for run in reading.store.runs(RunQuery())}
    assert "same" in names
    assert len(names) == 8
    assert {name: Ledger(root / f"{name}.ledger")[FINISHED] for name in pids} == dict.fromkeys(pids, 1)
