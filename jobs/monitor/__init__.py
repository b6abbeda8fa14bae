"""What a running job tells about itself, and how it is shown."""

from jobs.monitor.display import Display, make_display, mode_for
from jobs.monitor.progress import ModelProgress, Progress
from jobs.monitor.releases import Releases
from jobs.monitor.tail import Tail

__all__ = ["Display", "ModelProgress", "Progress", "Releases", "Tail", "make_display", "mode_for"]
