"""Which pairs of fields a tree may combine: any two of the fields that say most alone.

No pair is picked by looking at outcomes, so there is nothing to pick too well on few of them; the
trees lean on the pairs that help, and grouped folds say whether pairs help at all.
"""

from __future__ import annotations

from itertools import combinations

from backend.learning.data.encoding import Encoded
from backend.learning.fit.additive import Additive, Pair
from backend.learning.numbers import PAIR_FIELDS


def pairs_of_strongest(encoded: Encoded, regression: Additive) -> tuple[Pair, ...]:
    """All pairs of the fields whose log-odds vary most over these rows, ascending in number."""
    spread = [float(table[encoded.codes[:, j]].std()) for j, table in enumerate(regression.tables)]
    strongest = sorted(range(len(spread)), key=lambda j: (-spread[j], j))[:PAIR_FIELDS]
    return tuple(combinations(sorted(strongest), 2))
