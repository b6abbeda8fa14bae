"""The contract of a learner: what one file has to provide to be trained, judged, released and tested."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

import msgspec
import numpy.typing as npt

from udfs.errors import ConfigurationError
from udfs.features import Batch, Space
from udfs.schema.join import Late
from udfs.types import F64

if TYPE_CHECKING:
    from udfs.releases.graph import Graph

State: TypeAlias = dict[str, npt.NDArray[Any]]
Frozen: TypeAlias = dict[str, npt.NDArray[Any]]
Task: TypeAlias = Literal["binary", "regression", "ranking"]


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The options of a learner, typed; ``__post_init__`` raises ValueError for a value out of range."""


class Learner(ABC):
    """A learner is stateless: all it knows is in ``state``, a dict of named numpy arrays, and nothing else.

    The contract, held by the conformance suite for every learner there is:

    * ``learn`` scores each example before it learns it, one pass, in order; what it does depends on the examples and
      their order only, never on how they are cut into batches (mini-batches are counted in the state).
    * ``state`` keeps its keys, shapes and dtypes for ever, so that it can be stored as raw bytes; memory is bounded by
      the options. Biases, dense coordinates and running moments are float64, hashed slots float32.
    * an example of weight 0 is scored and changes nothing of the state; hostile values (1e300, long lists) leave
      everything finite.
    * ``predict(freeze(state))`` is what a released model returns: float32 tables, an untouched slot contributes zero.

    Attributes:
        name: how configurations name it.
        task: ``binary`` (scores are probabilities), ``regression`` (scores are numbers) or ``ranking`` (scores are good
            for order alone). One that ranks scores ``Batch.unshown`` too, and learns each positive against them.
        options_type: its options.
        in_place: the options that may change while a state lives: they steer how it goes on, and what the state says
            of the examples so far stays true. A change of any other starts the model anew.
        decays: whether it has squared gradients that ``decay`` can scale.
        logistic: whether it adds ``log_odds`` to the log-odds of every score that it returns, ``learn``'s included,
            and builds that into its graph. What it learns from is the score without.
        late: what it can do about feedback that came after the window: with ``reverse``, an example of negative weight
            is a step back, which others take as one of weight 0; with ``fake_negative_weighted`` it weighs negatives by
            ``Batch.late``.
        items: of one that ranks, the hashed features that are an item's, the first of which names it.
    """

    name: ClassVar[str]
    task: ClassVar[Task]
    options_type: ClassVar[type[Options]]
    in_place: ClassVar[frozenset[str]] = frozenset()
    decays: ClassVar[bool] = False
    logistic: ClassVar[bool] = False
    late: ClassVar[frozenset[Late]] = frozenset()
    items: tuple[str, ...] = ()

    def __init__(self, options: Options, space: Space, seed: int = 1, log_odds: float = 0.0) -> None:
        self.options: Any = options
        self.space = space
        self.seed = seed
        self.log_odds = log_odds

    @abstractmethod
    def init(self) -> State:
        """Return the state of a model that has seen nothing."""

    @abstractmethod
    def learn(self, state: State, batch: Batch) -> F64:
        """Learn the examples in order, in place; return the scores (n,), each made before its example is learned."""

    def decay(self, state: State, factor: float) -> None:
        """Scale the squared gradients gathered so far, in place: no weight moves, and all learn faster from here on.

        Args:
            state: the model.
            factor: what is left of them, 0 to 1.

        Raises:
            ConfigurationError: the learner has none.
        """
        raise ConfigurationError(f"The learner {self.name} has no squared gradients to decay", "Take another learner")

    @abstractmethod
    def freeze(self, state: State) -> Frozen:
        """Return a copy of just what scoring needs, as it will be released."""

    @abstractmethod
    def predict(self, frozen: Frozen, batch: Batch) -> F64:
        """Return the scores (n,) of a frozen model."""

    def score(self, state: State, batch: Batch) -> F64:
        """Return the scores (n,) of the model as it stands; changes nothing."""
        return self.predict(self.freeze(state), batch)

    @abstractmethod
    def export(self, graph: Graph) -> str:
        """Build the frozen model's arithmetic into an ONNX graph; return the name of the score tensor, double (n,)."""
