"""Linear regression on the squared loss, by stochastic gradient descent or AdaGrad.

AdaGrad: Duchi, Hazan and Singer (2011), "Adaptive subgradient methods for online learning and stochastic optimization".
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from udfs.features import Batch
from udfs.jit import kernel
from udfs.learners import forgetting, moments
from udfs.learners.checks import table_bits, within
from udfs.learners.learner import Frozen, Learner, Options, State, Task
from udfs.learners.linear_predictor import linear_predictor, linear_score, prefetch_slots
from udfs.schema.join import Late
from udfs.types import F32, F64, I32, I64, U32, Bool

if TYPE_CHECKING:
    from udfs.releases.graph import Graph


class LinearOptions(Options, frozen=True, kw_only=True):
    """Options of linear regression.

    Attributes:
        optimiser: ``sgd``, or ``adagrad``, whose rate falls with the root of a coordinate's squared gradients so far.
        learning_rate: the learning rate.
        l2: shrinks the weights an example touches; the bias is not regularised.
        clip: largest magnitude of a residual, and of one coordinate's gradient, that is learned from.
        bits: the table has ``2**bits`` slots of 8 bytes, 12 with a half-life.
        half_life: of ``adagrad``: examples after which squared gradients count half; None is never.
    """

    optimiser: Literal["sgd", "adagrad"] = "adagrad"
    learning_rate: float = 0.1
    l2: float = 0.0
    clip: float = 1e6
    bits: int = 20
    half_life: float | None = None

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        within("learning_rate", self.learning_rate, 1e-9, 100.0)
        within("l2", self.l2, 0.0, 1e3)
        within("clip", self.clip, 1e-6, 1e9)
        table_bits(self.bits)
        if self.half_life is not None:
            within("half_life", self.half_life, 1e3, 1e12)
            if self.optimiser != "adagrad":
                raise ValueError(f"half_life is {self.half_life!r}, allowed with the optimiser sgd is none")


class LinearRegression(Learner):
    """The running mean of the labels, plus a bias and weights that learn what the mean leaves.

    State: ``wg`` float32 (2**bits, 2), the weight and the sum of squared gradients of a slot; ``dense_wg`` float64
    (d, 2); ``bias_wg`` float64 (1, 2); ``label`` float64 (2,), the sum of importance weights and the labels' mean;
    ``moments`` float64 (d, 3). With a half-life ``wg`` is (2**bits, 3), the third column being the tick until which the
    second has decayed, and there is ``clock`` int64 (2,).
    """

    name: ClassVar[str] = "linear"
    task: ClassVar[Task] = "regression"
    options_type: ClassVar[type[Options]] = LinearOptions
    in_place: ClassVar[frozenset[str]] = frozenset({"optimiser", "learning_rate", "l2", "clip"})
    decays: ClassVar[bool] = True
    late: ClassVar[frozenset[Late]] = frozenset({"reverse"})
    options: LinearOptions

    def init(self) -> State:
        """Return the state of a model that has seen nothing: every score is 0."""
        forgets = self.options.half_life is not None
        state: State = {
            "wg": np.zeros((1 << self.options.bits, 3 if forgets else 2), np.float32),
            "dense_wg": np.zeros((self.space.width, 2)),
            "bias_wg": np.zeros((1, 2)),
            "label": np.zeros(2),
            "moments": moments.new(self.space.width),
        }
        return {**state, "clock": forgetting.new()} if forgets else state

    def learn(self, state: State, batch: Batch) -> F64:
        """Learn in order; return the predictions (n,) from before."""
        scores = np.empty(len(batch))
        o = self.options
        examples = (batch.indptr, batch.slot, batch.value, batch.dense, batch.label, batch.weight)
        model = (state["wg"], state["dense_wg"], state["bias_wg"], state["label"], state["moments"])
        adaptive = o.optimiser == "adagrad"
        time = (state["clock"] if "clock" in state else forgetting.new(), forgetting.examples_per_tick(o.half_life))
        _learn(*examples, *model, self.space.standardised, *time, adaptive, o.learning_rate, o.l2, o.clip, scores)
        return scores

    def decay(self, state: State, factor: float) -> None:
        """Scale the squared gradients of every coordinate by a factor."""
        for name in ("wg", "dense_wg", "bias_wg"):
            state[name][:, 1] *= factor

    def freeze(self, state: State) -> Frozen:
        """Return the weights; the bias holds the mean of the labels."""
        return {
            "weights": state["wg"][:, 0].copy(),
            "dense": state["dense_wg"][:, 0].copy(),
            "bias": state["label"][1:] + state["bias_wg"][:, 0],
            **moments.freeze(state["moments"], self.space.standardised),
        }

    def predict(self, frozen: Frozen, batch: Batch) -> F64:
        """Return the predictions (n,) of a frozen model."""
        return linear_predictor(frozen, batch)

    def export(self, graph: Graph) -> str:
        """Build the linear predictor."""
        return linear_score(graph, self.space, self.options.bits)


@kernel
def _step(wg: F32 | F64, q: int, gradient: float, adaptive: bool, rate: float, l2: float, clip: float) -> None:
    g = min(max(gradient + l2 * wg[q, 0], -clip), clip)
    wg[q, 1] += g * g
    if not adaptive:
        wg[q, 0] -= rate * g
    elif g != 0.0:
        wg[q, 0] -= rate * g / math.sqrt(wg[q, 1] + 1e-12)


@kernel
def _catch_up(wg: F32, q: int, ticks: int) -> None:
    if wg[q, forgetting.TICK] < ticks:
        wg[q, 1] *= forgetting.left_after(ticks - float(wg[q, forgetting.TICK]))
        wg[q, forgetting.TICK] = ticks


@kernel
def _tick(wg: F32, dense_wg: F64, bias_wg: F64, clock: I64) -> None:
    """Let what is dense decay by a tick; where the count of ticks ends, let all slots catch up and begin anew."""
    factor = forgetting.left_after(1.0)
    bias_wg[0, 1] *= factor
    for j in range(len(dense_wg)):
        dense_wg[j, 1] *= factor
    if clock[1] == forgetting.END:
        for q in range(len(wg)):
            _catch_up(wg, q, clock[1])
            wg[q, forgetting.TICK] = 0.0
        clock[1] = 0


@kernel
def _learn(
    indptr: I32,
    slot: U32,
    value: F32,
    dense: F64,
    label: F64,
    importance: F64,
    wg: F32,
    dense_wg: F64,
    bias_wg: F64,
    running: F64,
    seen: F64,
    standardised: Bool,
    clock: I64,
    per_tick: int,
    adaptive: bool,
    rate: float,
    l2: float,
    clip: float,
    scores: F64,
) -> None:
    mask = np.uint32(len(wg) - 1)
    width = len(dense_wg)
    x = np.empty(width)
    for i in range(len(label)):
        prefetch_slots(wg, slot, mask, indptr[i], indptr[i + 1])
        moments.standardise(seen, standardised, dense[i], x)
        score = running[1] + bias_wg[0, 0]
        for j in range(width):
            score += dense_wg[j, 0] * x[j]
        for e in range(indptr[i], indptr[i + 1]):
            score += np.float64(wg[slot[e] & mask, 0]) * value[e]
        scores[i] = score
        weight = max(min(importance[i], clip), -clip)
        if importance[i] == 0.0 or importance[i] != importance[i] or label[i] != label[i]:
            continue
        if per_tick:
            for e in range(indptr[i], indptr[i + 1]):
                _catch_up(wg, slot[e] & mask, clock[1])
        # The mean goes back at most as far as the label: what it never saw, in a model begun anew, cannot be taken out.
        if running[0] + weight >= max(weight, -weight):
            running[0] += weight
            running[1] += min(max(label[i] - running[1], -clip), clip) * weight / running[0]
        gradient = min(max(score - label[i], -clip), clip) * weight
        _step(bias_wg, 0, gradient, adaptive, rate, 0.0, clip)
        for j in range(width):
            _step(dense_wg, j, gradient * x[j], adaptive, rate, l2, clip)
        for e in range(indptr[i], indptr[i + 1]):
            _step(wg, slot[e] & mask, gradient * value[e], adaptive, rate, l2, clip)
        if weight > 0.0:
            moments.observe(seen, standardised, dense[i])
            if per_tick and forgetting.advance(clock, per_tick):
                _tick(wg, dense_wg, bias_wg, clock)
