"""FTRL-proximal logistic regression.

McMahan et al. (2013), "Ad click prediction: a view from the trenches", algorithm 1: per-coordinate learning rates
``alpha / (beta + sqrt(sum of squared gradients))``, and L1 that leaves rarely useful coordinates at exactly zero.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from udfs.features import Batch
from udfs.jit import kernel
from udfs.learners import forgetting, moments
from udfs.learners.checks import table_bits, within
from udfs.learners.fake_negatives import weight_of_negative
from udfs.learners.learner import Frozen, Learner, Options, State, Task
from udfs.learners.linear_predictor import linear_predictor, linear_score, prefetch_slots
from udfs.schema.join import Late
from udfs.types import F32, F64, I32, I64, U32, Bool

if TYPE_CHECKING:
    from udfs.releases.graph import Graph

_STEEPEST: Final = 1e6
"""Largest gradient of one coordinate: its square fits float32 with room for 1e26 more."""


class FTRLOptions(Options, frozen=True, kw_only=True):
    """Options of FTRL.

    Attributes:
        alpha: the learning rate's scale.
        beta: smooths the learning rate of coordinates seen rarely.
        l1: pulls weights to exactly zero; the bias is not regularised.
        l2: shrinks weights; the bias is not regularised.
        bits: the table has ``2**bits`` slots of 8 bytes, 12 with a half-life.
        half_life: examples after which squared gradients count half, so that learning rates rise again; None is never.
    """

    alpha: float = 0.1
    beta: float = 1.0
    l1: float = 0.0
    l2: float = 1.0
    bits: int = 20
    half_life: float | None = None

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        within("alpha", self.alpha, 1e-6, 100.0)
        within("beta", self.beta, 1e-6, 1e6)
        within("l1", self.l1, 0.0, 1e6)
        within("l2", self.l2, 0.0, 1e6)
        table_bits(self.bits)
        if self.half_life is not None:
            within("half_life", self.half_life, 1e3, 1e12)


class FTRL(Learner):
    """Logistic regression by FTRL-proximal.

    State: ``zn`` float32 (2**bits, 2), z and n of a slot side by side in one cache line; ``dense_zn`` float64 (d, 2);
    ``bias_zn`` float64 (1, 2); ``moments`` float64 (d, 3). What is not in the state, the weights, follows from z and n.
    Every step put ``sigma * w`` into z, and sigma has alpha in it: with another alpha z means another weight. A step
    back adds its squared gradient to n like any other: a learning rate grows with a half-life or a decay alone.

    With a half-life ``zn`` is (2**bits, 3), the third column being the tick until which z and n have decayed, and there
    is ``clock`` int64 (2,). The weight of a slot is ``-(z - sign(z) l1) / D(n)`` with ``D(n) = (beta + sqrt(n)) / alpha
    + l2``; when n decays to n', ``z - sign(z) l1`` is multiplied by ``D(n') / D(n)``, so that no weight moves. What a
    weight is can therefore be read from z and n however long they have not decayed.
    """

    name: ClassVar[str] = "ftrl"
    task: ClassVar[Task] = "binary"
    options_type: ClassVar[type[Options]] = FTRLOptions
    in_place: ClassVar[frozenset[str]] = frozenset({"beta", "l1", "l2"})
    decays: ClassVar[bool] = True
    logistic: ClassVar[bool] = True
    late: ClassVar[frozenset[Late]] = frozenset({"fake_negative_weighted", "reverse"})
    options: FTRLOptions

    def init(self) -> State:
        """Return the state of a model that has seen nothing: every score is 0.5."""
        forgets = self.options.half_life is not None
        state: State = {
            "zn": np.zeros((1 << self.options.bits, 3 if forgets else 2), np.float32),
            "dense_zn": np.zeros((self.space.width, 2)),
            "bias_zn": np.zeros((1, 2)),
            "moments": moments.new(self.space.width),
        }
        return {**state, "clock": forgetting.new()} if forgets else state

    def learn(self, state: State, batch: Batch) -> F64:
        """Learn in order; return the probabilities (n,) from before."""
        scores = np.empty(len(batch))
        o = self.options
        late = np.zeros(len(batch)) if batch.late is None else batch.late
        examples = (batch.indptr, batch.slot, batch.value, batch.dense, batch.label, batch.weight, late)
        model = (state["zn"], state["dense_zn"], state["bias_zn"], state["moments"], self.space.standardised)
        time = (state["clock"] if "clock" in state else forgetting.new(), forgetting.examples_per_tick(o.half_life))
        _learn(*examples, *model, *time, 1.0 / o.alpha, o.beta, o.l1, o.l2, scores)
        return self._corrected(scores) if self.log_odds else scores

    def _corrected(self, scores: F64) -> F64:
        odds = scores * math.exp(self.log_odds)
        return np.asarray(odds / (odds + (1.0 - scores)))

    def decay(self, state: State, factor: float) -> None:
        """Scale n of every coordinate by a factor, and z so that no weight moves."""
        o = self.options
        for table in (state["zn"], state["dense_zn"]):
            _decay_all(table, factor, 1.0 / o.alpha, o.beta, o.l1, o.l2)
        _decay_all(state["bias_zn"], factor, 1.0 / o.alpha, o.beta, 0.0, 0.0)

    def freeze(self, state: State) -> Frozen:
        """Return the weights that follow from the state."""
        o = self.options
        regularised = (1.0 / o.alpha, o.beta, o.l1, o.l2)
        return {
            "weights": _weights(state["zn"], *regularised),
            "dense": _weights(state["dense_zn"], *regularised),
            "bias": _weights(state["bias_zn"], 1.0 / o.alpha, o.beta, 0.0, 0.0),
            **moments.freeze(state["moments"], self.space.standardised),
        }

    def predict(self, frozen: Frozen, batch: Batch) -> F64:
        """Return the probabilities (n,) of a frozen model."""
        logit = linear_predictor(frozen, batch)
        if self.log_odds:
            logit += self.log_odds
        with np.errstate(over="ignore"):
            return 1.0 / (1.0 + np.exp(-logit))

    def export(self, graph: Graph) -> str:
        """Build ``sigmoid(linear predictor + log_odds)``."""
        logit = linear_score(graph, self.space, self.options.bits)
        if self.log_odds:
            logit = graph.node("Add", [logit, graph.constant(np.array(self.log_odds))])
        return graph.node("Sigmoid", [logit])


@kernel
def _weight(z: float, root_n: float, inverse_alpha: float, beta: float, l1: float, l2: float) -> float:
    if abs(z) <= l1:
        return 0.0
    return (math.copysign(l1, z) - z) / ((beta + root_n) * inverse_alpha + l2)


@kernel
def _weights(zn: F32 | F64, inverse_alpha: float, beta: float, l1: float, l2: float) -> F32 | F64:
    out = np.empty_like(zn[:, 0])
    for q in range(len(zn)):
        out[q] = _weight(zn[q, 0], math.sqrt(zn[q, 1]), inverse_alpha, beta, l1, l2)
    return out


@kernel
def _step(zn: F32 | F64, q: int, gradient: float, weight: float, root_n: float, inverse_alpha: float) -> None:
    g = min(max(gradient, -_STEEPEST), _STEEPEST)
    n = zn[q, 1] + g * g
    zn[q, 0] += g - (math.sqrt(n) - root_n) * inverse_alpha * weight
    zn[q, 1] = n


@kernel
def _decay(zn: F32 | F64, q: int, factor: float, inverse_alpha: float, beta: float, l1: float, l2: float) -> None:
    before = (beta + math.sqrt(zn[q, 1])) * inverse_alpha + l2
    zn[q, 1] *= factor
    after = (beta + math.sqrt(zn[q, 1])) * inverse_alpha + l2
    z = np.float64(zn[q, 0])
    if abs(z) > l1:
        kept = math.copysign(l1, z)
        zn[q, 0] = kept + (z - kept) * (after / before)


@kernel
def _decay_all(zn: F32 | F64, factor: float, inverse_alpha: float, beta: float, l1: float, l2: float) -> None:
    for q in range(len(zn)):
        _decay(zn, q, factor, inverse_alpha, beta, l1, l2)


@kernel
def _catch_up(zn: F32, q: int, ticks: int, inverse_alpha: float, beta: float, l1: float, l2: float) -> None:
    if zn[q, forgetting.TICK] < ticks:
        factor = forgetting.left_after(ticks - float(zn[q, forgetting.TICK]))
        _decay(zn, q, factor, inverse_alpha, beta, l1, l2)
        zn[q, forgetting.TICK] = ticks


@kernel
def _tick(
    zn: F32, dense_zn: F64, bias_zn: F64, clock: I64, inverse_alpha: float, beta: float, l1: float, l2: float
) -> None:
    """Let what is dense decay by a tick; where the count of ticks ends, let all slots catch up and begin anew."""
    factor = forgetting.left_after(1.0)
    _decay_all(dense_zn, factor, inverse_alpha, beta, l1, l2)
    _decay_all(bias_zn, factor, inverse_alpha, beta, 0.0, 0.0)
    if clock[1] == forgetting.END:
        for q in range(len(zn)):
            _catch_up(zn, q, clock[1], inverse_alpha, beta, l1, l2)
            zn[q, forgetting.TICK] = 0.0
        clock[1] = 0


@kernel
def _learn(
    indptr: I32,
    slot: U32,
    value: F32,
    dense: F64,
    label: F64,
    importance: F64,
    late: F64,
    zn: F32,
    dense_zn: F64,
    bias_zn: F64,
    seen: F64,
    standardised: Bool,
    clock: I64,
    per_tick: int,
    inverse_alpha: float,
    beta: float,
    l1: float,
    l2: float,
    scores: F64,
) -> None:
    mask = np.uint32(len(zn) - 1)
    width = len(dense_zn)
    longest = 0
    for i in range(len(label)):
        longest = max(longest, indptr[i + 1] - indptr[i])
    weights = np.empty(longest, np.float32)
    roots = np.empty(longest, np.float32)
    x, dense_weights = np.empty(width), np.empty(width)
    for i in range(len(label)):
        start = indptr[i]
        length = indptr[i + 1] - start
        prefetch_slots(zn, slot, mask, start, start + length)
        bias_root = math.sqrt(bias_zn[0, 1])
        bias = _weight(bias_zn[0, 0], bias_root, inverse_alpha, beta, 0.0, 0.0)
        logit = bias
        moments.standardise(seen, standardised, dense[i], x)
        for j in range(width):
            dense_weights[j] = _weight(dense_zn[j, 0], math.sqrt(dense_zn[j, 1]), inverse_alpha, beta, l1, l2)
            logit += dense_weights[j] * x[j]
        for e in range(length):
            q = slot[start + e] & mask
            root = math.sqrt(zn[q, 1])
            roots[e] = root
            weights[e] = _weight(zn[q, 0], root, inverse_alpha, beta, l1, l2)
            logit += np.float64(weights[e]) * value[start + e]
        score = 1.0 / (1.0 + math.exp(-logit))
        scores[i] = score
        gradient = (score - label[i]) * importance[i]
        if importance[i] == 0.0 or gradient != gradient:
            continue
        if label[i] == 0.0 and late[i] > 0.0:
            gradient *= weight_of_negative(score, late[i])
        if per_tick:
            for e in range(length):
                q = slot[start + e] & mask
                _catch_up(zn, q, clock[1], inverse_alpha, beta, l1, l2)
                roots[e] = math.sqrt(zn[q, 1])
        _step(bias_zn, 0, gradient, bias, bias_root, inverse_alpha)
        for j in range(width):
            _step(dense_zn, j, gradient * x[j], dense_weights[j], math.sqrt(dense_zn[j, 1]), inverse_alpha)
        for e in range(length):
            _step(zn, slot[start + e] & mask, gradient * value[start + e], weights[e], roots[e], inverse_alpha)
        if importance[i] > 0.0:
            moments.observe(seen, standardised, dense[i])
            if per_tick and forgetting.advance(clock, per_tick):
                _tick(zn, dense_zn, bias_zn, clock, inverse_alpha, beta, l1, l2)
