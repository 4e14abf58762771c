"""A viewer hears of runs that are gone."""

from __future__ import annotations

import nbtrail as nt
from nbtrail.housekeeping import move_to_trash, plan_purge, purge
from nbtrail.server.stores import StoreShelf
from nbtrail.server.watch import Seen, Watch
from nbtrail.tracking.state import process


def test_the_sidebar_is_told_when_runs_are_purged(project):
    """The news names no run, and then everything is asked for again."""
    for name in ("otter", "heron"):
        with nt.start_run(name):
            pass
    process.recorders.pop(project.url).close()
    move_to_trash(project, ["otter"])
    shelf = StoreShelf()
    with shelf.reading(project) as lent:
        watch = Watch(project, Seen(lent.stamp, lent.store.revision()))
    assert watch.look(shelf) == []

    purge(project, plan_purge(project))
    (moved,) = watch.look(shelf)
    assert moved.run_ids == ()
    assert watch.look(shelf) == []
    shelf.close()
