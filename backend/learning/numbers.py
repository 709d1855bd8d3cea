"""Every named number of the learning part, with its unit and the reason for it."""

from __future__ import annotations

from typing import Final

# --- reading a table ------------------------------------------------------------------------
SNIFF_BYTES: Final = 65_536  # enough lines to recognise the delimiter
CSV_FIELD_MAX: Final = 10_000_000  # characters in one cell; longer is not a table
KEPT_CELLS: Final = 10_000  # different texts of a column that are held once; more repeat little
SWALLOWED_LINES: Final = 3  # whole rows inside one cell: a stray quote, not a text
SHOWN_VALUES: Final = 8  # examples in a message to a person

TRAIN_ROWS_MAX: Final = 200_000  # outcomes a model is trained on; of more, a random sample

# --- kinds of columns -----------------------------------------------------------------------
NUMBER_SHARE: Final = 0.98  # of the filled cells parse as numbers
DATE_SHARE: Final = 0.95  # of a sample of the filled cells parse as dates
SAMPLE_CELLS: Final = 1_000  # cells looked at to recognise dates, hashes and free text
ID_DISTINCT_SHARE: Final = 0.98  # distinct / filled of an identifier that is a number
ID_TEXT_DISTINCT_SHARE: Final = 0.9  # … that is text
ID_MIN_ROWS: Final = 20  # with fewer rows all-different says nothing
FREE_TEXT_WORDS: Final = 6.0  # mean words per cell
MIN_FILL_SHARE: Final = 0.01  # of the rows
MIN_STATE_ROWS: Final = 3  # rows outside the commonest state, 1 up to 100 rows; fewer: constant
LEVELS_COVER: Final = 0.3  # of the filled rows must lie in levels that are kept
LEVELS_MAX: Final = 250  # scikit-learn's trees take 255 states of a categorical
LEVEL_MIN_ROWS: Final = 2  # the first repetition; grows to LEVEL_MIN_ROWS_MAX with the table
LEVEL_MIN_ROWS_MAX: Final = 10
LEVEL_ROWS_PER: Final = 1_000  # one more row is asked for per this many rows
CELLS_MAX: Final = 48  # quantile cells of a number: fine enough to lose nothing measurable
CELL_MIN_ROWS: Final = 3  # mean rows in a cell of a number
LEVELS_TOTAL_MAX: Final = 600  # levels of all fields together: bounds time and memory

# --- folds and groups -----------------------------------------------------------------------
FOLDS: Final = 5
FOLD_SEED: Final = 7  # folds and their bags follow from the rows: --seed deals the final bags
TEST_SHARE: Final = 0.3  # of the rows, when no test file is given
STRADDLING_MAX: Final = 0.1  # of the older rows may be left out of training at once …
TEST_PARTS: Final = 3  # … else the test is judged in parts, by a model each

# --- the shrunken regression ----------------------------------------------------------------
PRIOR_SPREAD: Final = 0.6  # log-odds, expected size of one coefficient before seeing data
SPREAD_BLOCKS: Final = 1.0  # how firmly, in blocks of a portal's own
PRIOR_SHAPE: Final = 2.0  # how alike blocks are: worth 2 × this coefficients in each
COARSE_MIN: Final = 3  # coarse bins of a number beside its straight lines
COARSE_MAX: Final = 12
COARSE_ROWS: Final = 25  # rows a coarse bin should hold
SHORTEST_STEP: Final = 1 / 1024  # of a Newton step
NEWTON_STEPS: Final = 40
NEWTON_TOLERANCE: Final = 1e-3  # log-odds
VARIANCE_TOLERANCE: Final = 0.02  # relative change of the spreads between two steps

# --- boosted trees --------------------------------------------------------------------------
# Bags of each reading: so many rows over the table's, within the limits. Few rows need many bags,
# or another seed moves the scores.
BAG_ROWS: Final = 30_000
BAGS_MIN: Final = 5
BAGS_MAX: Final = 30
BAGS_FEW: Final = 15  # … and no more below this many rows, where intervals are far wider …
BAGS_FEW_ROWS: Final = 500  # … than what a seed moves
BAGS_IN_FOLDS: Final = 2  # out-of-fold predictions need no more
BAG_PARTS: Final = 5  # a bag is trained on all parts but one
TREES: Final = 100
TREE_RATE: Final = 0.1
TREE_L2: Final = 5.0
TREE_LEAVES: Final = 4
SHARE_PRIOR_ROWS: Final = 1.0  # average rows added to a level's share won
SHARE_FOLDS: Final = 5  # a row is shown the share among the rows of other folds …
SHARE_DEALS_MAX: Final = 4  # … as often as this, each time with other folds, where …
SHARE_DEAL_ROWS: Final = 8_000  # … this many rows over the table's allow it
LEAF_ROWS_PER: Final = 50  # rows a leaf: n / 50, within …
LEAF_ROWS_MIN: Final = 3
LEAF_ROWS_MAX: Final = 20
TABULATED_ROWS: Final = 20_000  # predicted at once when trees become tables: bounds memory
PAIR_FIELDS: Final = 14  # any two of the strongest fields may share a tree
PAIR_ROWS: Final = 200  # outcomes from which trees on pairs are tried
PAIR_LEAVES, PAIR_TREES = 16, 100  # few large trees while the folds hold few rows …
MANY_ROWS: Final = 2_000
MANY_LEAVES, MANY_TREES = 8, 200  # … more and smaller ones from then on: smoother pairs
TREES_WEIGHT: Final = 0.6  # final weight in the average …
TREES_HALF_ROWS: Final = 100  # … half of it with so many outcomes
COLD_WEIGHT: Final = 0.3  # of the cold-start points with no outcomes behind them …
COLD_HALF_ROWS: Final = 75  # … half of it with so many

CLEARLY_FREE_SE: Final = 2.0  # standard errors by which the folds must be better without "more
# engagement never costs points"

# --- factors that fields share --------------------------------------------------------------
SHARED_MIN_ROWS: Final = 30  # leads with both fields known
SHARED_ALIKE: Final = 0.8  # correlation from which two fields say much the same …
SHARED_AGAINST: Final = -0.4  # … and of their points, where one takes back what the other gives

# --- calibration and chance -----------------------------------------------------------------
SLOPE_EXPECTED: Final = 1.1  # voices that err differently are too timid together …
SLOPE_HALF_ROWS: Final = 15  # … half of it with so many rows, as many won as lost: then too bold
SLOPE_SPREAD: Final = 0.3  # how far, relative, the calibration slope may plausibly be from that …
SLOPE_ROWS: Final = 200  # … half of it with so many outcomes: the slope found on few is noise
WEIGHT_SPREAD: Final = 0.1  # how far one voice's weight may be from the plan at the others' cost
WEIGHT_SPREAD_MAX: Final = 0.3  # … with thousands of outcomes: the plan was made for few
WEIGHT_MAX: Final = 10.0  # of one voice, where outcomes are told apart without an error
CONTRADICTED_ROWS: Final = 2_000  # outcomes from which any higher loss contradicts the plan
PRIOR_LEAST: Final = 1e-4  # of the plan's precision that is kept where outcomes contradict it
PRIOR_HALVINGS: Final = 10  # steps to find how much of it is
WEIGHT_SPREAD_ROWS: Final = 500  # outcomes from which the spread grows, with their root
RECENT_ROWS: Final = 60  # leads of one stretch of time that is asked how far chances are off
RECENT_BLOCKS_MIN: Final = 4  # stretches; fewer do not tell drift from chance
RECENT_BLOCKS_MAX: Final = 6
RECENT_SHIFT_MAX: Final = 1.5  # log-odds
RECENT_STEPS: Final = 20  # of Newton's method
CHANCE_BIN_ROWS: Final = 40  # rows a bin of the chance table should hold
CHANCE_BINS_MAX: Final = 12
INTERVAL_Z: Final = 1.96  # 95 %

# --- the leak audit -------------------------------------------------------------------------
IS_OUTCOME_AUC: Final = 0.98
LEAK_AUC: Final = 0.85  # quality.md suspects whole models above .92; no honest field came near
LOOK_AUC: Final = 0.80  # worth a person's look, however innocent its name
LEAK_STRONG_AUC: Final = 0.70
LEAK_PRESENCE_AUC: Final = 0.58
LEAK_ONE_VALUE: Final = 0.98  # of the filled rows hold the same value
LEAK_NAMED_AUC: Final = 0.52  # a name is only a hint: the field must predict too
LEAK_FILLED_AFTER: Final = 0.5  # of the values
LEAK_SE: Final = 2.0  # standard errors

# --- near-copies ----------------------------------------------------------------------------
COPY_GROUPS_MIN_SHARE: Final = 0.2  # fewer groups a row: the fields are coarse, not the rows copies
COPY_GROUP_SHARE_MAX: Final = 0.05  # of the rows in one group
CALENDAR_AGREE: Final = 0.99  # of the rows of one date hold the same value

# --- backtest -------------------------------------------------------------------------------
MIN_TEST_KIND: Final = 15  # won, and as many lost, before a backtest is more than a hint
SUSPICIOUS_AUC: Final = 0.92  # quality.md: above it suspect a leak
COPIES_SHOWN: Final = 0.05  # of the test rows more than training holds copies of its own
COMPANIES_MIN: Final = 20  # different values of a column that is called "company" and holds them
DATE_SPLIT_FILL: Final = 0.95  # of the rows have the date a split by time uses

# --- a challenger against the model in use --------------------------------------------------
CLEAR_AUC_GAIN: Final = 0.01  # less is not worth another set of scores for the reps
CLEAR_DRAWS: Final = 400  # paired bootstrap draws
CLEAR_SHARE: Final = 0.95  # of the draws in which the challenger ranks better

# --- bands ----------------------------------------------------------------------------------
HIGH_SHARE_MIN: Final = 0.02
HIGH_SHARE_MAX: Final = 0.25
LOW_SHARE_MAX: Final = 0.75
PROPOSED_HIGH: Final = 0.10  # of the leads, without a capacity to go by
PROPOSED_MEDIUM: Final = 0.40  # of the leads in High and Medium

# --- outcomes, drift, mining, feedback --------------------------------------------------------
HORIZON_QUANTILE: Final = 0.9  # of the time from lead to win
PSI_WATCH: Final = 0.10
PSI_ALARM: Final = 0.25
DRIFT_SMOOTHING: Final = 0.5  # leads added to every cell
DRIFT_CELLS: Final = 10  # groups of a field's cells that are compared
SCORE_BIN_POINTS: Final = 10
MINED_MIN_WON: Final = 5  # clients behind a suggestion
MINED_LIFT: Final = 1.2
FEEDBACK_MIN_OPINIONS: Final = 20  # fewer are not worth two more trainings
FEEDBACK_MIN_GAIN: Final = 0.001  # nats of log loss
SPLIT_DRAWS: Final = 20  # tries for a random split that leaves both kinds to train on
ROW_WEIGHT_MAX: Final = 20.0  # leads that an explored one stands for at most: a share of 5 %
