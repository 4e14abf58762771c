"""The command line: ``nbtrail``."""

from nbtrail.cli.main import main

__all__ = ["main"]
