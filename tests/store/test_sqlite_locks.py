"""SQLite's locks are the process's: whoever opens the file beside SQLite, and closes it, lets go of all of them."""

from __future__ import annotations

import subprocess
import sys

from nbtrail.changes import SessionStarted
from tests.store.conftest import session

VISIT = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM runs').fetchall(); c.close()"


def test_a_visitor_does_not_take_the_log_away_from_a_process_that_reads_and_writes(engine, store):
    """The last one to leave removes the log; a process that writes must not be taken for gone because it also read."""
    store.apply([SessionStarted(session=session("S1"))])
    log = engine.address.with_name("store.db-wal")
    for number in range(3):
        engine.open(read_only=True).close()
        store.apply([SessionStarted(session=session(f"S{number + 2}"))])
        subprocess.run([sys.executable, "-c", VISIT, str(engine.address)], check=True)
        assert log.exists()
    assert len(store.sessions()) == 4
