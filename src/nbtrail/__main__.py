"""``python -m nbtrail`` is the command line."""

from nbtrail.cli import main

main()
