"""What events, features and models are: frozen descriptions with one canonical form."""

from udfs.schema.canonical import canonical, digest
from udfs.schema.event import Clean, EventType, Field, FieldType, Format, Match, Timestamp
from udfs.schema.feature import (
    Categorical,
    CharNGrams,
    Cross,
    Feature,
    FeatureSet,
    ListOf,
    Number,
    TimePart,
    Tokens,
    Vector,
)
from udfs.schema.join import Feedback, Join, JoinedLabel, Search
from udfs.schema.model import Label, Model
from udfs.schema.plan import Dedup, Plan, TimeRules
from udfs.schema.switch import Switch
from udfs.schema.training import Augment, Cold, Drift, Dropout, Negatives, Replay

__all__ = [
    "Augment",
    "Categorical",
    "CharNGrams",
    "Clean",
    "Cold",
    "Cross",
    "Dedup",
    "Drift",
    "Dropout",
    "EventType",
    "Feature",
    "FeatureSet",
    "Feedback",
    "Field",
    "FieldType",
    "Format",
    "Join",
    "JoinedLabel",
    "Label",
    "ListOf",
    "Match",
    "Model",
    "Negatives",
    "Number",
    "Plan",
    "Replay",
    "Search",
    "Switch",
    "TimePart",
    "TimeRules",
    "Timestamp",
    "Tokens",
    "Vector",
    "canonical",
    "digest",
]
