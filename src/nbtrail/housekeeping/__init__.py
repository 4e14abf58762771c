"""Keeping a project in order: the trash, purging, what takes how much, health, backups."""

from nbtrail.housekeeping.backup import Backup, back_up
from nbtrail.housekeeping.disk_usage import DiskUsage, measure
from nbtrail.housekeeping.health import Finding, examine
from nbtrail.housekeeping.purge import Purged, PurgePlan, plan_purge, purge
from nbtrail.housekeeping.repair import repair
from nbtrail.housekeeping.salvage import Salvaged, salvage
from nbtrail.housekeeping.trash import Trash, list_trash, move_to_trash, restore

__all__ = [
    "Backup",
    "DiskUsage",
    "Finding",
    "PurgePlan",
    "Purged",
    "Salvaged",
    "Trash",
    "back_up",
    "examine",
    "list_trash",
    "measure",
    "move_to_trash",
    "plan_purge",
    "purge",
    "repair",
    "restore",
    "salvage",
]
