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

__all__ = [
    "Categorical",
    "CharNGrams",
    "Clean",
    "Cross",
    "Dedup",
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
    "Number",
    "Plan",
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
