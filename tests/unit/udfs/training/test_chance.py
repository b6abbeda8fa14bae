from __future__ import annotations

import numpy as np

from udfs.frames import Frame, Kind
from udfs.training.chance import LOT, lots, salted, share
from udfs.types import F64, U32

N = 100_000


def shares(salt: int) -> F64:
    drawn: U32 = np.random.default_rng(1).integers(1 << 32, size=N, dtype=np.uint32)
    return np.array([share(lot, salt) for lot in drawn])


def test_shares_are_uniform() -> None:
    drawn = shares(salted(1, 1))
    assert drawn.min() >= 0.0
    assert drawn.max() < 1.0
    counts = np.histogram(drawn, 20, (0.0, 1.0))[0]
    assert abs(counts - N / 20).max() < 5 * (N / 20) ** 0.5


def test_seeds_and_purposes_draw_independently() -> None:
    salts = [salted(1, 1), salted(2, 1), salted(1, 2), salted(2**32 - 1, 1)]
    assert len(set(salts)) == len(salts)
    drawn = np.array([shares(salt) for salt in salts])
    assert np.abs(np.corrcoef(drawn) - np.eye(len(salts))).max() < 0.02


def test_what_is_journalled_in_place_of_an_id_draws_the_same() -> None:
    ids = np.random.default_rng(2).integers(1 << 63, size=(50, 2)).astype(np.uint64)
    drawn = lots(Frame(Kind.EXAMPLES, 50, columns={"id": ids}))
    assert len(set(drawn.tolist())) == 50
    assert lots(Frame(Kind.EXAMPLES, 50, columns={LOT: drawn})).tobytes() == drawn.tobytes()


def test_rows_that_nobody_can_identify_have_no_lots() -> None:
    assert lots(Frame(Kind.EXAMPLES, 3)).shape == (0,)
