"""What a run leaves to read: ``report.json`` for machines, ``report.html`` to look at."""

from jobs.report.build import build_report
from jobs.report.write import write_report

__all__ = ["build_report", "write_report"]
