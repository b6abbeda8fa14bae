"""Where examples go: to [item] where rules judge them first, past it where not, straight on where nobody judges."""

from __future__ import annotations

from msgspec.structs import replace

from tests.laws.strategies_histories import FOLLOWED, JUDGED, PLAN
from udfs.schema import ItemAnomalies, ModelAnomalies
from udfs.stages.destinations import Destination, destination, first_item_key, first_train_key
from udfs.stages.stage import Route
from udfs.stages.vertices import vertices


def test_without_rules_everything_goes_straight_on() -> None:
    assert [destination(PLAN, i) for i in range(2)] == [Destination(Route.NEXT, 0, 1), Destination(Route.NEXT, 1, 2)]
    assert [vertex.name for vertex in vertices(PLAN)] == ["user", "train", "release"]


def test_with_rules_about_items_others_pass_them_by() -> None:
    assert [destination(JUDGED, i) for i in range(5)] == [
        Destination(Route.NEXT, 0, 1),
        Destination(Route.NEXT, 1, 2),
        Destination(Route.NEXT, 3, 2),
        Destination(Route.PAST, 4, 1),
        Destination(Route.PAST, 5, 1),
    ]
    assert [(vertex.name, vertex.keys) for vertex in vertices(JUDGED)] == [
        ("user", 2),
        ("item", 5),
        ("train", 7),
        ("release", 6),
    ]


def test_a_model_that_comes_last_moves_no_key() -> None:
    last = replace(JUDGED.models[0], name="last", anomalies=ModelAnomalies(items=ItemAnomalies(field="item")))
    more = replace(JUDGED, models=(*JUDGED.models, last))
    for place in range(len(JUDGED.models)):
        assert first_item_key(more, place) == first_item_key(JUDGED, place)
        assert first_train_key(more, place) == first_train_key(JUDGED, place)
        assert destination(more, place) == destination(JUDGED, place)


def test_models_with_features_of_items_go_by_them_without_rules_too() -> None:
    assert [destination(FOLLOWED, i).route for i in range(5)] == [Route.NEXT] * 3 + [Route.PAST, Route.NEXT]
    assert destination(FOLLOWED, 4) == Destination(Route.NEXT, 5, 2)
    assert dict((vertex.name, vertex.keys) for vertex in vertices(FOLLOWED))["item"] == 7
