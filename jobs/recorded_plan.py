"""The plan of the newest start, kept beside the checkpoints: a client cannot read state before it plans."""

from __future__ import annotations

import sys

from pyarrow import fs

from jobs.config.against import compare
from udfs.errors import ConfigurationError
from udfs.locations import opened
from udfs.releases import storage
from udfs.schema import Plan

NAME = "plan.json"


def record(plan: Plan, folder: str, resumes: bool) -> None:
    """Put a plan in place of the one before; tell on stderr what changed if the job resumes.

    Args:
        plan: of this start.
        folder: the directory of checkpoints, a path or a URI.
        resumes: whether there is state that the plan must fit.

    Raises:
        ConfigurationError: the state does not fit.
    """
    filesystem, path = opened(folder)
    path = f"{path}/{NAME}"
    if resumes and filesystem.get_file_info(path).type == fs.FileType.File:
        _check(Plan.from_json(storage.read(filesystem, path)), plan)
    storage.write_whole(filesystem, path, plan.to_json())


def _check(old: Plan, new: Plan) -> None:
    changes = compare(old, new)
    refused = [change for change in changes if change.verdict == "refused"]
    if refused:
        what = "; ".join(f"{change.key}: {change.why}" for change in refused)
        raise ConfigurationError(f"The state does not fit this configuration: {what}", "Undo it, or start anew")
    for change in changes:
        print(f"changed: {change}", file=sys.stderr)
