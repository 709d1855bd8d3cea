"""Which few pairs of fields are worth a matrix: a first model may use any pair of the strongest
fields; the pairs it leans on most, once what each field says alone is taken out, are kept."""

from __future__ import annotations

from itertools import combinations

from backend.learning.additive import Additive, Pair
from backend.learning.boosted import TreeShape, boosted_trees
from backend.learning.encoding import Encoded
from backend.learning.numbers import LEAVES_MANY, PAIR_FIELDS, PAIRS_MAX
from backend.learning.table import Floats


def strongest_pairs(
    encoded: Encoded, won: Floats, regression: Additive, seed: int
) -> tuple[Pair, ...]:
    """Pairs by the variance of their purified part over the training rows, ascending in number."""
    spread = [float(table[encoded.codes[:, j]].std()) for j, table in enumerate(regression.tables)]
    strongest = sorted(range(len(spread)), key=lambda j: (-spread[j], j))[:PAIR_FIELDS]
    tried = tuple(combinations(sorted(strongest), 2))
    shape = TreeShape(leaves=LEAVES_MANY, pairs=tried)
    forest = boosted_trees(encoded, won, shape=shape, bags=1, seed=seed)
    if forest is None:
        return ()
    first = forest.tables(seen_only=True)
    weight = {
        (i, j): float(matrix[encoded.codes[:, i], encoded.codes[:, j]].var())
        for (i, j), matrix in first.pairs.items()
    }
    return tuple(sorted(sorted(weight, key=lambda pair: (-weight[pair], pair))[:PAIRS_MAX]))
