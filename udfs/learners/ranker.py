"""A ranker: hybrid matrix factorisation, learned from what was shown and against items that were not.

Kula (2015), "Metadata embeddings for user and item cold-start recommendations" (LightFM): users and items are sums of
their features' vectors, so that a new item begins with what its category has. Items that were not shown
(``augment.unshown``) stand against each positive in a softmax, each score with -log q of the sampler (Yi et al. 2019,
"Sampling-bias-corrected neural modeling for large corpus item recommendations"); with one item, drawn uniformly, that
is the pairwise loss of Rendle et al. (2009), "BPR: Bayesian personalized ranking from implicit feedback".
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from udfs.errors import ConfigurationError
from udfs.features import Batch, Space
from udfs.learners.checks import table_bits, within
from udfs.learners.learner import Frozen, Learner, Options, State, Task
from udfs.learners.ranker_kernels import SQUARES, learn_all, score_all
from udfs.schema import Cross
from udfs.schema.join import Late
from udfs.types import F64, I32, U32, Bool

if TYPE_CHECKING:
    from udfs.releases.graph import Graph


class RankerOptions(Options, frozen=True, kw_only=True):
    """Options of the ranker.

    Attributes:
        item: the features that are the item's, the first of which names it; all others, the context's too, are the
            user's side. Empty takes the second hashed one.
        k: the number of factors.
        rate: the learning rate of AdaGrad; it falls with the root of a row's squared gradients.
        l2: shrinks the biases and vectors that an example touches.
        shown: what the logistic loss of an example that was shown weighs beside the softmax; 0 learns only from the
            softmax.
        sigma: the standard deviation of a new vector's elements.
        bits: all features together have ``2**bits`` slots of ``4 (k + 3)`` bytes.
    """

    item: tuple[str, ...] = ()
    k: int = 16
    rate: float = 0.05
    l2: float = 0.0
    shown: float = 1.0
    sigma: float = 0.1
    bits: int = 18

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        within("k", self.k, 1, 512)
        within("rate", self.rate, 1e-6, 10.0)
        within("l2", self.l2, 0.0, 1.0)
        within("shown", self.shown, 0.0, 1e3)
        within("sigma", self.sigma, 0.0, 10.0)
        table_bits(self.bits)


class Ranker(Learner):
    """Score: a bias, the biases of all features, and the sum of the user's vectors times the sum of the item's.

    State: ``table`` float32 (2**bits, k + 3), a row being the squared gradients of its vector (mean over elements) and
    of its bias, the bias and the vector; ``bias`` float64 (2,), the bias and its squared gradients. A vector is drawn
    when its slot is first learned, from the seed and the slot alone. Numbers and vectors of events are not learned.

    The score is good for order alone: among the items of one moment, as the user's side and the biases are the same for
    all of them, and among examples that were shown. An example of negative weight takes back its logistic step; the
    softmax is for positives of positive weight.
    """

    name: ClassVar[str] = "ranker"
    task: ClassVar[Task] = "ranking"
    options_type: ClassVar[type[Options]] = RankerOptions
    in_place: ClassVar[frozenset[str]] = frozenset({"rate", "l2", "shown"})
    late: ClassVar[frozenset[Late]] = frozenset({"reverse"})
    options: RankerOptions

    def __init__(self, options: RankerOptions, space: Space, seed: int = 1, log_odds: float = 0.0) -> None:
        super().__init__(options, space, seed, log_odds)
        self.items = options.item or space.hashed[1:2]
        known = f"it has: {', '.join(space.hashed) or 'none'}"
        if not self.items or set(self.items) - set(space.hashed) or len(set(self.items)) < len(self.items):
            raise ConfigurationError(
                f"The item of a ranker is {list(self.items)}", f"Name hashed features of the model once each; {known}"
            )
        for name in space.hashed:
            self._refuse_mixed(name)
        self._of_item: Bool = np.array([name in self.items for name in space.hashed], np.bool_)

    def _refuse_mixed(self, name: str) -> None:
        feature = self.space.features.features[name]
        mine = {part in self.items for part in feature.of} if isinstance(feature, Cross) else {name in self.items}
        if mine != {name in self.items}:
            raise ConfigurationError(
                f"The cross {name!r} of a ranker has parts of the item's, {list(self.items)}",
                "An item that is drawn could not have it: leave it out of the model's features, or name it in `item` "
                "where all of its parts are",
            )

    def init(self) -> State:
        """Return the state of a model that has seen nothing: every score is 0."""
        return {
            "table": np.zeros((1 << self.options.bits, SQUARES + 1 + self.options.k), np.float32),
            "bias": np.zeros(2),
        }

    def learn(self, state: State, batch: Batch) -> F64:
        """Learn in order; return the scores (n,) from before."""
        scores = np.full(len(batch), math.nan)
        o = self.options
        start, indptr, slot, correction, own, outscored = self._drawn(batch)
        examples = (batch.indptr, batch.slot, batch.field, self._of_item, batch.label, batch.weight)
        steps = (o.shown, o.rate, o.l2, o.sigma * math.sqrt(3.0), self.seed & 0xFFFFFFFF)
        drawn = (start, indptr, slot, correction, own)
        learn_all(*examples, *drawn, state["table"], state["bias"], *steps, scores, outscored)
        return scores

    def _drawn(self, batch: Batch) -> tuple[I32, I32, U32, F64, F64, F64]:
        one = batch.unshown
        if one is not None:
            return one.start, one.indptr, one.slot, one.correction, one.own, one.outscored
        n = len(batch)
        return np.zeros(n + 1, np.int32), np.zeros(1, np.int32), np.zeros(0, np.uint32), np.zeros(0), *np.zeros((2, n))

    def freeze(self, state: State) -> Frozen:
        """Return biases and vectors, a row for each slot, and the bias of all."""
        return {"table": state["table"][:, SQUARES:].copy(), "bias": state["bias"][:1].copy()}

    def predict(self, frozen: Frozen, batch: Batch) -> F64:
        """Return the scores (n,) of a frozen model."""
        scores = np.empty(len(batch))
        start, indptr, slot, _, _, outscored = self._drawn(batch)
        examples = (batch.indptr, batch.slot, batch.field, self._of_item, start, indptr, slot)
        score_all(*examples, frozen["table"], float(frozen["bias"][0]), scores, outscored)
        return scores

    def export(self, graph: Graph) -> str:
        """Build the same sums; a feature that is missing contributes nothing."""
        axis, last = graph.constant(np.array([1])), graph.constant(np.array([np.iinfo(np.int64).max]))
        biases, vectors = [graph.row("bias")], []
        for side in (True, False):
            total = ""
            for feature in (name for name in self.space.hashed if (name in self.items) == side):
                slots, mask = graph.slots(feature, self.options.bits)
                spread = graph.node("Unsqueeze", [mask, graph.constant(np.array([2]))])
                rows = graph.cast(graph.node("Mul", [graph.table("table", slots), spread]), np.float64)
                summed = graph.node("ReduceSum", [rows, axis], keepdims=0)
                total = graph.node("Add", [total, summed]) if total else summed
            if total:
                biases.append(graph.node("Slice", [total, graph.constant(np.array([0])), axis, axis]))
                vectors.append(graph.node("Slice", [total, axis, last, axis]))
        if len(vectors) == 2:
            biases.append(graph.node("ReduceSum", [graph.node("Mul", vectors), axis], keepdims=1))
        score = biases[0]
        for part in biases[1:]:
            score = graph.node("Add", [score, part])
        return graph.node("Squeeze", [score, axis])
