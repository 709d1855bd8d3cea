"""The baseline with outcomes: a published scorecard takes the formula's place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backend.model import Baseline, Chance, Snapshot
from backend.ports import Vector
from backend.scoring.baseline import similarity_parts
from backend.scoring.explain import MOVES_SHOWN, ScoreMove, feasible_actions
from backend.scoring.facts.segments import OUTSIDE, SEGMENT_FIELD
from backend.scoring.points.parts import Part, assemble
from backend.scoring.points.profile_points import Comparison, of_its_bin
from backend.scoring.scorecard import explain
from backend.scoring.scorecard.cells import Cell, level_of
from backend.scoring.scorecard.rows import row_of, words_of
from backend.scoring.scorecard.scorecard import Scorecard, Scored, apply, chance
from backend.scoring.values.words import label


def model_baselines(
    scorecard: Scorecard,
    snapshots: Sequence[Snapshot],
    comparison: Comparison,
    vectors: Sequence[Vector | None],
) -> list[tuple[Baseline, Chance]]:
    """Baseline and chance per lead, in order.

    The chance is the model's own; similarity, text, analyst and centring points do not change
    it. Centring (`comparison.population.offset_points`, counted with this model) makes 50 the
    average odds of today's leads, which differ from those the model was trained on.
    """
    rows = _rows(scorecard, [row_of(snapshot) for snapshot in snapshots])
    scored = apply(scorecard, rows)
    offset = comparison.population.offset_points
    return [
        (
            assemble(
                [
                    *_parts(scorecard, scored, lead, row, words_of(snapshots[lead], row)),
                    *similarity_parts(comparison.of(snapshots[lead].segment), vector),
                ],
                explain.missing(scorecard, scored, lead),
                offset,
            ),
            chance(scorecard, float(scored.logits[lead])),
        )
        for lead, (row, vector) in enumerate(zip(rows, vectors, strict=True))
    ]


def _rows(scorecard: Scorecard, rows: list[dict[str, Cell]]) -> list[dict[str, Cell]]:
    """A segment that the model does not tell apart is one of all others."""
    told = next((f.cells.levels for f in scorecard.fields if f.cells.name == SEGMENT_FIELD), None)
    if told is None:
        return rows
    return [
        {**row, SEGMENT_FIELD: OUTSIDE}
        if SEGMENT_FIELD in row and level_of(row[SEGMENT_FIELD]) not in told
        else row
        for row in rows
    ]


def _parts(
    scorecard: Scorecard,
    scored: Scored,
    lead: int,
    row: Mapping[str, Cell],
    words: Mapping[str, str],
) -> list[Part]:
    return [
        Part(
            f.field,
            words.get(f.field, f.value),
            f.points,
            "model",
            of_its_bin(f.field, f.value, f.comparison),
            f.title,
        )
        for f in explain.factors(scorecard, scored, lead, row)
    ]


def model_moves(scorecard: Scorecard, snapshot: Snapshot) -> list[ScoreMove]:
    """`explain.what_would_move` under a model: the most each unknown field could add, and the
    model run again after each feasible action. Only what would add at least one point."""
    actions = feasible_actions(snapshot)
    rows = _rows(scorecard, [row_of(snapshot), *(row_of(changed) for _, _, changed in actions)])
    scored = apply(scorecard, rows)
    totals = scored.totals.tolist()
    moves = [
        ScoreMove(field, text, total - totals[0])
        for (field, text, _), total in zip(actions, totals[1:], strict=True)
    ]
    moves += [
        ScoreMove(
            gap.field, f"{label(gap.field, gap.title)}, if it is what won leads have", gap.could_add
        )
        for gap in explain.missing(scorecard, scored, 0)
    ]
    moves = [move for move in moves if move.points > 0]
    return sorted(moves, key=lambda move: (-move.points, move.field))[:MOVES_SHOWN]
