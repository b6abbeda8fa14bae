"""From the configuration to the pure description that stages are built from."""

from __future__ import annotations

from collections.abc import Mapping

from jobs.config import features as section
from jobs.config.anomaly_rules import Action as ActionSection
from jobs.config.anomaly_rules import Items, Users
from jobs.config.anomaly_rules import ModelAnomalies as AnomaliesSection
from jobs.config.behaviour import Count, History, Rate, Since
from jobs.config.configuration import Configuration
from jobs.config.events import Event
from jobs.config.guards import Breaker
from jobs.config.join import Join as JoinSection
from jobs.config.models import Model as ModelSection
from udfs import schema
from udfs.schema import (
    Action,
    Anomalies,
    Augment,
    BreakerRules,
    Categorical,
    CharNGrams,
    Clean,
    Cold,
    Cross,
    Dedup,
    Drift,
    Dropout,
    EventType,
    Feature,
    FeatureSet,
    Feedback,
    Field,
    Format,
    ItemAnomalies,
    Join,
    JoinedLabel,
    Label,
    Learns,
    ListOf,
    Match,
    Model,
    ModelAnomalies,
    Negatives,
    Number,
    NumberRules,
    Plan,
    Replay,
    Search,
    StrangeRules,
    Switch,
    TimePart,
    TimeRules,
    Timestamp,
    Tokens,
    Unshown,
    UserAnomalies,
    Vector,
)


def plan_of(configuration: Configuration, epoch: int, bounded: bool) -> Plan:
    """Return the plan of one start of the job."""
    lines, switch = configuration.source.lines, configuration.source.switch
    return Plan(
        source="files" if configuration.source.kafka is None else "kafka",
        format=Format(
            kind=lines.format, columns=lines.columns, separator=lines.separator, max_line_bytes=lines.max_line
        ),
        events=tuple(_event(name, event) for name, event in configuration.events.items()),
        features=features_of(configuration),
        models=tuple(model_of(configuration, name) for name in configuration.models),
        dedup=Dedup(window=configuration.dedup.window, max_ids=configuration.dedup.max_ids),
        time=_time(configuration, bounded),
        join=_join(configuration.join) if configuration.join else None,
        switch=Switch(time=switch.time) if switch else None,
        anomalies=Anomalies(users=_users(configuration.anomalies.users) if configuration.anomalies.users else None),
        buckets=configuration.runtime.buckets,
        epoch=epoch,
        bounded=bounded,
    )


def _time(configuration: Configuration, bounded: bool) -> TimeRules:
    time, joins = configuration.time, configuration.join is not None
    lateness = time.late_after(bounded, joins)
    return TimeRules(lateness=lateness, max_jump=time.jump(lateness), idle=time.idle_after(bounded, joins))


def _join(join: JoinSection) -> Join:
    return Join(
        feedback=tuple(Feedback(event=name, **kind.model_dump()) for name, kind in join.feedback.items()),
        labels=tuple(JoinedLabel(name=name, **label.model_dump()) for name, label in join.labels.items()),
        search=Search(**join.search.model_dump()) if join.search else None,
        items=schema.Items(**join.items.model_dump()),
        **join.model_dump(exclude={"feedback", "labels", "search", "items"}),
    )


def _users(users: Users) -> UserAnomalies:
    return UserAnomalies(
        impressions=users.impression,
        clicks=users.click,
        ignored=users.ignore,
        actions=_actions(users.actions),
        **users.model_dump(include={"learn", "page", "error", "click_rate", "max_users"}),
    )


def _items(items: Items) -> ItemAnomalies:
    return ItemAnomalies(actions=_actions(items.actions), **items.model_dump(exclude={"actions"}))


def _actions(actions: Mapping[str, ActionSection]) -> dict[str, Action]:
    return {reason: Action(do=action.do, weight=action.weight) for reason, action in actions.items()}


def _event(name: str, event: Event) -> EventType:
    fields = tuple(
        Field(
            name=field_name,
            path=field.path or (field_name,),
            clean=Clean(**field.clean.model_dump()),
            **field.model_dump(exclude={"path", "clean"}),
        )
        for field_name, field in event.fields.items()
    )
    return EventType(
        name=name,
        match=Match(topic=event.match.topic, path=event.match.path or (), values=event.match.values),
        fields=fields,
        timestamp=Timestamp(path=event.timestamp.path or (), **event.timestamp.model_dump(exclude={"path"})),
        id=() if event.by_position else event.id,
        user=event.user,
    )


def features_of(configuration: Configuration) -> FeatureSet:
    """Return the features with the seed of their hashes."""
    features = configuration.features
    described = {name: _feature(configuration, feature) for name, feature in features.by_name.items()}
    return FeatureSet(seed=features.seed, features=described)


def _feature(configuration: Configuration, feature: section.Feature) -> Feature:
    match feature:
        case section.Categorical():
            return Categorical(field=feature.field)
        case section.Number():
            return Number(field=feature.field, log=feature.log, standardise=feature.standardise)
        case section.Tokens():
            return Tokens(field=feature.field)
        case section.CharNGrams():
            return CharNGrams(field=feature.field, n=feature.n)
        case section.ListOf():
            return ListOf(field=feature.field)
        case section.TimePart():
            return TimePart(part=feature.part, offset_minutes=feature.offset_minutes)
        case section.Cross():
            return Cross(of=feature.of)
        case History() | Count() | Rate() | Since():
            return _behaviour(feature)
        case section.Vector():
            events = configuration.events.values()
            lengths = (event.fields[feature.field].length for event in events if feature.field in event.fields)
            return Vector(field=feature.field, length=next(lengths) or 0)


def _behaviour(feature: History | Count | Rate | Since) -> Feature:
    kinds: dict[type, type[Feature]] = {
        History: schema.History,
        Count: schema.Count,
        Rate: schema.Rate,
        Since: schema.Since,
    }
    described: Feature = kinds[type(feature)](**feature.model_dump(exclude={"kind"}))
    return described


def model_of(configuration: Configuration, name: str) -> Model:
    """Return the description of one model."""
    model: ModelSection = configuration.models[name]
    same = ("learner", "options", "weight", "events", "keyed_by", "partitions", "max_values", "window", "seed")
    return Model(
        name=name,
        features=tuple(configuration.features.by_name) if model.features is None else model.features,
        label=Label(field=model.label.field or "", positive=model.label.positive, joined=model.label.joined or ""),
        snapshot_examples=model.snapshot.examples,
        snapshot_seconds=model.snapshot.seconds,
        threshold=model.threshold,
        learns=Learns(since=model.learns.since, until=model.learns.until) if model.learns else None,
        drift=Drift(**model.drift.model_dump()) if model.drift else None,
        negatives=Negatives(**model.negatives.model_dump()) if model.negatives else None,
        augment=_augment(model),
        breaker=_breaker(model.breaker) if model.has_breaker else None,
        anomalies=_anomalies(model.anomalies),
        **{key: getattr(model, key) for key in same},
    )


def _augment(model: ModelSection) -> Augment:
    given = model.augment
    return Augment(
        dropout=Dropout(**given.dropout.model_dump()) if given.dropout else None,
        cold=Cold(**given.cold.model_dump()) if given.cold else None,
        replay=Replay(**given.replay.model_dump()) if given.replay else None,
        unshown=Unshown(**given.unshown.model_dump()) if given.unshown else None,
    )


def _breaker(breaker: Breaker) -> BreakerRules:
    return BreakerRules(silence=-(-breaker.silence // 60_000_000), **breaker.model_dump(exclude={"silence", "watch"}))


def _anomalies(anomalies: AnomaliesSection) -> ModelAnomalies:
    numbers = tuple(NumberRules(field=field, **rules.model_dump()) for field, rules in anomalies.numbers.items())
    strange = StrangeRules(**anomalies.strange.model_dump()) if anomalies.strange else None
    items = _items(anomalies.items) if anomalies.items else None
    return ModelAnomalies(items=items, numbers=numbers, strange=strange)
