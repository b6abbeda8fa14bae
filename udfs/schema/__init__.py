"""What events, features and models are: frozen descriptions with one canonical form."""

from udfs.schema.anomaly_rules import Action, Anomalies, ItemAnomalies, ModelAnomalies, UserAnomalies
from udfs.schema.behaviour import Count, History, Rate, Since
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
from udfs.schema.guards import BreakerRules, NumberRules, StrangeRules
from udfs.schema.items import ItemKeys, item_features, item_keys
from udfs.schema.join import Feedback, Items, Join, JoinedLabel, Search
from udfs.schema.model import Label, Model
from udfs.schema.plan import Dedup, Plan, TimeRules
from udfs.schema.switch import Switch
from udfs.schema.training import Augment, Cold, Drift, Dropout, Learns, Negatives, Replay, Unshown

__all__ = [
    "Action",
    "Anomalies",
    "Augment",
    "BreakerRules",
    "Categorical",
    "CharNGrams",
    "Clean",
    "Cold",
    "Count",
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
    "History",
    "ItemAnomalies",
    "ItemKeys",
    "Items",
    "Join",
    "JoinedLabel",
    "Label",
    "Learns",
    "ListOf",
    "Match",
    "Model",
    "ModelAnomalies",
    "Negatives",
    "Number",
    "NumberRules",
    "Plan",
    "Rate",
    "Replay",
    "Search",
    "Since",
    "StrangeRules",
    "Switch",
    "TimePart",
    "TimeRules",
    "Timestamp",
    "Tokens",
    "Unshown",
    "UserAnomalies",
    "Vector",
    "canonical",
    "digest",
    "item_features",
    "item_keys",
]
