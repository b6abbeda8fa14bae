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
from udfs.schema.guards import Anomalies, BreakerRules, NumberRules, StrangeRules
from udfs.schema.join import Feedback, Join, JoinedLabel, Search
from udfs.schema.model import Label, Model
from udfs.schema.plan import Dedup, Plan, TimeRules
from udfs.schema.switch import Switch

__all__ = [
    "Anomalies",
    "BreakerRules",
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
    "NumberRules",
    "Plan",
    "Search",
    "StrangeRules",
    "Switch",
    "TimePart",
    "TimeRules",
    "Timestamp",
    "Tokens",
    "Vector",
    "canonical",
    "digest",
]
