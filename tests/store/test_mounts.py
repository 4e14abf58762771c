"""On which file systems a store may share memory between processes."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from nbtrail.changes import RunStarted
from nbtrail.machine.mounts import Mount, is_on_network, mounts_of
from nbtrail.store import open_store
from nbtrail.store.sqlite.wal import keeps_wal, leave_wal

STORE = Path("/home/ada/project/.nbtrail/store.db")
MOUNTINFO = r"""22 28 0:20 / /sys rw,nosuid shared:7 - sysfs sysfs rw
28 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
31 28 0:26 / /dev/shm rw,nosuid - tmpfs tmpfs rw
88 28 0:61 /exports/home /home rw,relatime shared:99 - nfs4 files:/exports/home rw,vers=4.2
90 28 254:0 /scratch /home/ada/scratch rw shared:1 - ext4 /dev/vda1 rw
91 28 0:70 / /mnt/my\040share rw - cifs //files/share rw,username=ada
92 28 0:71 / /auto rw - autofs systemd-1 rw,fd=29
93 28 0:72 / /merged rw - overlay overlay rw,lowerdir=/home/lower,upperdir=/home/upper,workdir=/home/work
not a line of it
"""


def kinds(path):
    return is_on_network(Path(path), mounts_of(MOUNTINFO))


@pytest.mark.parametrize(
    ("path", "network"),
    [
        ("/srv/p/store.db", False),
        ("/home/ada/p/store.db", True),
        ("/home/ada/scratch/p/store.db", False),
        ("/homes/p/store.db", False),
        ("/mnt/my share/p/store.db", True),
        ("/auto/ada/p/store.db", True),
        ("/dev/shm/p/store.db", False),
    ],
)
def test_binds_blanks_and_automounts_of_a_mount_table_are_understood(path, network):
    assert kinds(path) is network


def test_an_overlay_lies_where_it_writes(tmp_path):
    upper = tmp_path / "upper"
    upper.mkdir()
    over = [Mount("/", "ext4"), Mount("/home", "overlay", upper=str(upper))]
    assert not is_on_network(STORE, over)
    assert is_on_network(STORE, [*over, Mount(str(tmp_path), "nfs4")])


def test_an_overlay_whose_upper_folder_is_out_of_sight_is_its_hosts_disk():
    assert not is_on_network(STORE, [Mount("/", "overlay", upper="/var/lib/containers/7f/diff")])


@pytest.mark.parametrize(
    "kind", ["nfs4", "cifs", "smb3", "fuse.sshfs", "9p", "virtiofs", "lustre", "gpfs", "fuse", "ceph"]
)
def test_what_several_machines_can_write_counts_as_a_network(kind):
    assert is_on_network(STORE, [Mount("/", "ext4"), Mount("/home", kind)])


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "zfs", "tmpfs", "fuseblk", "apfs", "ntfs", "overlay"])
def test_a_disk_of_this_machine_does_not(kind):
    assert not is_on_network(STORE, [Mount("/", "nfs4"), Mount("/home", kind)])


@pytest.fixture
def crashed(tmp_path):
    """A store whose latest changes are in its write-ahead log alone, as after a crash."""
    live, path = tmp_path / "live.db", tmp_path / "moved" / "store.db"
    path.parent.mkdir()
    with closing(open_store(live)) as store:
        store.apply([RunStarted(run_id="01J", name="otter", session_id="S1", at=0.0)])
        for suffix in ("", "-wal"):
            shutil.copy(f"{live}{suffix}", f"{path}{suffix}")
    return path


def test_a_store_that_was_moved_with_its_log_to_a_network_is_folded_and_loses_nothing(crashed):
    assert keeps_wal(crashed)
    leave_wal(crashed, timeout_s=1)

    assert not keeps_wal(crashed)
    assert [path.name for path in crashed.parent.iterdir()] == ["store.db"]
    with closing(sqlite3.connect(crashed)) as connection:
        assert connection.execute("SELECT name FROM runs").fetchall() == [("otter",)]


def test_a_store_that_others_use_keeps_its_log_until_they_are_done(crashed):
    reader = sqlite3.connect(crashed, check_same_thread=False)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM runs").fetchone()
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        leave_wal(crashed, timeout_s=0.05)
    assert keeps_wal(crashed)

    closing_soon = threading.Timer(0.2, reader.close)
    closing_soon.start()
    leave_wal(crashed, timeout_s=30)
    closing_soon.join()
    assert not keeps_wal(crashed)


def test_to_ask_how_a_store_is_written_lets_go_of_no_lock_of_this_process(tmp_path):
    """POSIX forgets all locks of a process on a file when it closes that file anywhere."""
    path = tmp_path / "store.db"
    open_store(path).close()
    leave_wal(path, timeout_s=1)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert not keeps_wal(path)
        other = f"import sqlite3; sqlite3.connect({str(path)!r}, timeout=0).execute('BEGIN IMMEDIATE')"
        found = subprocess.run([sys.executable, "-c", other], capture_output=True, text=True, check=False)
    assert "database is locked" in found.stderr
