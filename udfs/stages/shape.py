"""What of a plan shapes the state of each stage: the part of the fingerprint that a changed configuration changes."""

from __future__ import annotations

from udfs.decode.layout import Layout
from udfs.features import Space
from udfs.learners import make
from udfs.schema import Plan, digest
from udfs.stages.keeper import Fingerprint
from udfs.stages.read import ReadStage
from udfs.stages.release import ReleaseStage
from udfs.stages.train import TrainStage
from udfs.stages.user import UserStage


def read_fingerprint(plan: Plan) -> Fingerprint:
    """Return the fingerprint of every lane: how many there are, as many as buckets."""
    return Fingerprint(ReadStage.name, ReadStage.version, "", plan.buckets)


def user_fingerprint(plan: Plan) -> Fingerprint:
    """Return the fingerprint of every bucket: what identifies events."""
    ids = [(event.name, event.id, event.user) for event in plan.events]
    return Fingerprint(UserStage.name, UserStage.version, digest(ids), plan.buckets)


def train_fingerprint(plan: Plan, index: int) -> Fingerprint:
    """Return the fingerprint of one model: its features, its label and the arrays of its learner."""
    model = plan.models[index]
    space = Space.of(Layout.of(plan).features, model.features)
    arrays = [(name, array.dtype.str, array.shape) for name, array in make(model, space).init().items()]
    shape = (model.learner, arrays, space.features, model.features, model.label, model.keyed_by, model.partitions)
    return Fingerprint(TrainStage.name, TrainStage.version, digest(shape), plan.buckets)


def release_fingerprint(plan: Plan, index: int) -> Fingerprint:
    """Return the fingerprint of one model's releases: its name and how many partitions send weights."""
    model = plan.models[index]
    return Fingerprint(ReleaseStage.name, ReleaseStage.version, digest((model.name, model.partitions)), plan.buckets)
