"""What a negative weighs that may be a positive whose feedback comes late.

Ktena et al. (2019), "Addressing delayed feedback for continuous training with neural networks in CTR prediction", let
every impression enter as a negative, and a positive once more when its feedback comes; Yang et al. (2021), "Capturing
delayed feedback in conversion rate prediction via elapsed-time sampling", let it wait for a while first.
"""

from __future__ import annotations

from udfs.jit import kernel


@kernel
def weight_of_negative(score: float, late: float) -> float:
    """Return what a negative weighs beside positives of weight 1.

    Of impressions that look alike a share p is positive and a share l of it late: p positives and 1 - p + l negatives
    enter. As many negatives as there are truly weigh (1 - p) / (1 - p + l) each. With the model's own score for p, and
    l = ``late`` p, at the weight that this gives the only score where the gradient vanishes is p. The weight is held
    fixed in the step. With all positives late it is 1 - p, that of the first paper, whose two weights are both larger
    by the factor 1 + p.
    """
    return (1.0 - score) / (1.0 - score + late * score)
