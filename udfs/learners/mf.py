"""Biased matrix factorisation for ratings: ``mean + user bias + item bias + user vector . item vector``.

Koren, Bell and Volinsky (2009), "Matrix factorization techniques for recommender systems", in one pass. A bias moves by
the residual over (ratings so far + shrinkage), the running posterior mean of a normal bias, down to a least rate that
follows change; vectors move by gradient descent with a rate that falls the same way.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from udfs.errors import ConfigurationError
from udfs.features import Batch, Space
from udfs.hashing.murmur3 import mix32
from udfs.jit import kernel
from udfs.learners.checks import table_bits, within
from udfs.learners.learner import Frozen, Learner, Options, State, Task
from udfs.schema import Categorical, Cross, TimePart
from udfs.types import F32, F64, I32, U16, U32

if TYPE_CHECKING:
    from udfs.releases.graph import Graph

BIAS: Final = 0
COUNT: Final = 1
VECTOR: Final = 2

_LIMIT: Final = 1e6
"""Largest residual learned from, and largest magnitude of a bias; vectors stay within its root."""


class MFOptions(Options, frozen=True, kw_only=True):
    """Options of biased matrix factorisation.

    Attributes:
        user: the feature that names the user; None takes the first hashed one.
        item: the feature that names the item; None takes the second hashed one.
        k: the number of factors.
        minimum: predictions are not below it; None sets no bound.
        maximum: predictions are not above it; None sets no bound.
        user_shrinkage: ratings a user's bias is shrunk by; the variance of the noise over that of the biases.
        item_shrinkage: the same for items.
        bias_rate: the least learning rate of a bias.
        rate: the learning rate of a vector seen rarely.
        decay: ratings after which a vector's rate has fallen to one over the root of two.
        l2: shrinks the vectors an example touches.
        sigma: the standard deviation of a new vector's elements.
        bits: users and items have ``2**bits`` slots of ``4 (k + 2)`` bytes each.
    """

    user: str | None = None
    item: str | None = None
    k: int = 10
    minimum: float | None = None
    maximum: float | None = None
    user_shrinkage: float = 5.0
    item_shrinkage: float = 5.0
    bias_rate: float = 0.005
    rate: float = 0.06
    decay: float = 1000.0
    l2: float = 0.01
    sigma: float = 0.1
    bits: int = 18

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        within("k", self.k, 1, 512)
        within("user_shrinkage", self.user_shrinkage, 0.0, 1e6)
        within("item_shrinkage", self.item_shrinkage, 0.0, 1e6)
        within("bias_rate", self.bias_rate, 0.0, 1.0)
        within("rate", self.rate, 0.0, 1.0)
        within("decay", self.decay, 1.0, 1e12)
        within("l2", self.l2, 0.0, 1.0)
        within("sigma", self.sigma, 0.0, 10.0)
        table_bits(self.bits)
        if self.minimum is not None and self.maximum is not None and not self.minimum < self.maximum:
            raise ValueError(f"minimum is {self.minimum!r}, allowed is less than maximum ({self.maximum!r})")


class BiasedMF(Learner):
    """Biased matrix factorisation.

    State: ``user`` and ``item`` float32 (2**bits, k + 2), a row being bias, number of ratings and vector; ``mean``
    float64 (2,), the sum of importance weights and the mean of the ratings. A vector is drawn when its slot is first
    rated, from the seed and the slot alone.
    """

    name: ClassVar[str] = "mf"
    task: ClassVar[Task] = "regression"
    options_type: ClassVar[type[Options]] = MFOptions
    in_place: ClassVar[frozenset[str]] = frozenset(
        {"minimum", "maximum", "user_shrinkage", "item_shrinkage", "bias_rate", "rate", "decay", "l2"}
    )
    options: MFOptions

    def __init__(self, options: MFOptions, space: Space, seed: int = 1, log_odds: float = 0.0) -> None:
        super().__init__(options, space, seed, log_odds)
        self._user = self._feature("user", options.user, 0)
        self._item = self._feature("item", options.item, 1)

    def _feature(self, role: str, name: str | None, place: int) -> int:
        hashed = self.space.hashed
        if name is None and place < len(hashed):
            name = hashed[place]
        if name not in hashed or not isinstance(self.space.features.features[name], Categorical | Cross | TimePart):
            raise ConfigurationError(
                f"The {role} of a matrix factorisation is {name!r}",
                f"Name a categorical feature, cross or time part of the model; it has: {', '.join(hashed) or 'none'}",
            )
        return hashed.index(name)

    @property
    def _bounds(self) -> tuple[float, float]:
        o = self.options
        return -math.inf if o.minimum is None else o.minimum, math.inf if o.maximum is None else o.maximum

    def init(self) -> State:
        """Return the state of a model that has seen nothing: every score is 0 or the bound next to it."""
        shape = (1 << self.options.bits, VECTOR + self.options.k)
        return {"user": np.zeros(shape, np.float32), "item": np.zeros(shape, np.float32), "mean": np.zeros(2)}

    def learn(self, state: State, batch: Batch) -> F64:
        """Learn in order; return the predictions (n,) from before."""
        scores = np.empty(len(batch))
        o = self.options
        examples = (batch.indptr, batch.slot, batch.field, self._user, self._item, batch.label, batch.weight)
        biases = (o.user_shrinkage, o.item_shrinkage, o.bias_rate)
        vectors = (o.rate, o.decay, o.l2, o.sigma * math.sqrt(3.0))
        seed = self.seed & 0xFFFFFFFF
        _learn(*examples, state["user"], state["item"], state["mean"], *biases, *vectors, seed, *self._bounds, scores)
        return scores

    def freeze(self, state: State) -> Frozen:
        """Return vectors, biases and the mean."""
        return {
            "user_factors": state["user"][:, VECTOR:].copy(),
            "user_bias": state["user"][:, BIAS].copy(),
            "item_factors": state["item"][:, VECTOR:].copy(),
            "item_bias": state["item"][:, BIAS].copy(),
            "mean": state["mean"][1:].copy(),
        }

    def predict(self, frozen: Frozen, batch: Batch) -> F64:
        """Return the predictions (n,) of a frozen model."""
        out = np.empty(len(batch))
        users = (frozen["user_factors"], frozen["user_bias"])
        items = (frozen["item_factors"], frozen["item_bias"])
        where = (batch.indptr, batch.slot, batch.field, self._user, self._item)
        _predict(*where, *users, *items, frozen["mean"], *self._bounds, out)
        return out

    def export(self, graph: Graph) -> str:
        """Build the same sum; a missing user or item contributes nothing."""
        total = graph.row("mean")
        axis = graph.constant(np.array([1]))
        vectors = []
        for role, place in (("user", self._user), ("item", self._item)):
            slots, mask = graph.slots(self.space.hashed[place], self.options.bits)
            bias = graph.cast(graph.node("Mul", [graph.table(f"{role}_bias", slots), mask]), np.float64)
            total = graph.node("Add", [total, bias])
            rows = graph.node("Squeeze", [graph.table(f"{role}_factors", slots), axis])
            vectors.append(graph.cast(graph.node("Mul", [rows, mask]), np.float64))
        product = graph.node("ReduceSum", [graph.node("Mul", vectors), axis], keepdims=1)
        total = graph.node("Add", [total, product])
        low, high = (graph.constant(np.array(bound)) for bound in self._bounds)
        return graph.node("Squeeze", [graph.node("Clip", [total, low, high]), axis])


@kernel
def _find(slot: U32, field: U16, start: int, stop: int, wanted: int, rows: int) -> np.int64:
    for e in range(start, stop):
        if field[e] == wanted:
            return np.int64(slot[e] & np.uint32(rows - 1))
    return np.int64(-1)


@kernel
def _touch(row: F32, slot: np.int64, side: int, seed: int, half_width: float) -> None:
    # Uniform, not normal: exact arithmetic gives the same vector on every machine.
    base = mix32(np.uint32(mix32(np.uint32(seed) + np.uint32(side)) ^ np.uint32(slot)))
    for j in range(VECTOR, len(row)):
        drawn = mix32(np.uint32(base + np.uint32(j) * np.uint32(0x9E3779B9)))
        row[j] = (np.float64(drawn) * 2.0**-31 - 1.0) * half_width


@kernel
def _move_bias(row: F32, residual: float, weight: float, shrinkage: float, least: float) -> None:
    rate = min(max(weight / (row[COUNT] + shrinkage), weight * least), 1.0)
    row[BIAS] = min(max(row[BIAS] + rate * residual, -_LIMIT), _LIMIT)


@kernel
def _move_vectors(p: F32, q: F32, residual: float, weight: float, rate: float, decay: float, l2: float) -> None:
    limit = math.sqrt(_LIMIT)
    rate_p = rate * weight / math.sqrt(1.0 + p[COUNT] / decay)
    rate_q = rate * weight / math.sqrt(1.0 + q[COUNT] / decay)
    for j in range(VECTOR, len(p)):
        a, b = np.float64(p[j]), np.float64(q[j])
        p[j] = min(max(a + rate_p * (residual * b - l2 * a), -limit), limit)
        q[j] = min(max(b + rate_q * (residual * a - l2 * b), -limit), limit)


@kernel
def _learn(
    indptr: I32,
    slot: U32,
    field: U16,
    user_field: int,
    item_field: int,
    label: F64,
    importance: F64,
    users: F32,
    items: F32,
    mean: F64,
    user_shrinkage: float,
    item_shrinkage: float,
    bias_rate: float,
    rate: float,
    decay: float,
    l2: float,
    half_width: float,
    seed: int,
    low: float,
    high: float,
    scores: F64,
) -> None:
    for i in range(len(label)):
        u = _find(slot, field, indptr[i], indptr[i + 1], user_field, len(users))
        v = _find(slot, field, indptr[i], indptr[i + 1], item_field, len(items))
        score = mean[1]
        if u >= 0:
            score += users[u, BIAS]
        if v >= 0:
            score += items[v, BIAS]
        if u >= 0 and v >= 0:
            product = np.float64(0.0)
            for j in range(VECTOR, users.shape[1]):
                product += np.float64(users[u, j]) * np.float64(items[v, j])
            score += product
        scores[i] = min(max(score, low), high)
        weight = min(importance[i], _LIMIT)
        if not weight > 0.0 or label[i] != label[i]:
            continue
        residual = min(max(label[i] - score, -_LIMIT), _LIMIT)
        mean[0] += weight
        mean[1] += min(max(label[i] - mean[1], -_LIMIT), _LIMIT) * weight / mean[0]
        if u >= 0:
            if users[u, COUNT] == 0.0:
                _touch(users[u], u, 1, seed, half_width)
            _move_bias(users[u], residual, weight, user_shrinkage, bias_rate)
        if v >= 0:
            if items[v, COUNT] == 0.0:
                _touch(items[v], v, 2, seed, half_width)
            _move_bias(items[v], residual, weight, item_shrinkage, bias_rate)
        if u >= 0 and v >= 0:
            _move_vectors(users[u], items[v], residual, weight, rate, decay, l2)
        if u >= 0:
            users[u, COUNT] += 1.0
        if v >= 0:
            items[v, COUNT] += 1.0


@kernel
def _predict(
    indptr: I32,
    slot: U32,
    field: U16,
    user_field: int,
    item_field: int,
    user_factors: F32,
    user_bias: F32,
    item_factors: F32,
    item_bias: F32,
    mean: F64,
    low: float,
    high: float,
    out: F64,
) -> None:
    for i in range(len(out)):
        u = _find(slot, field, indptr[i], indptr[i + 1], user_field, len(user_bias))
        v = _find(slot, field, indptr[i], indptr[i + 1], item_field, len(item_bias))
        score = mean[0]
        if u >= 0:
            score += user_bias[u]
        if v >= 0:
            score += item_bias[v]
        if u >= 0 and v >= 0:
            product = np.float64(0.0)
            for j in range(user_factors.shape[1]):
                product += np.float64(user_factors[u, j]) * np.float64(item_factors[v, j])
            score += product
        out[i] = min(max(score, low), high)
