"""``python -m jobs.cli``: the command line without its script."""

from jobs.cli import main

main()
