"""Every named number of the learning part, with its unit and the reason for it."""

from __future__ import annotations

from typing import Final

# --- reading a table ------------------------------------------------------------------------
SNIFF_BYTES: Final = 65_536  # enough lines to recognise the delimiter
CSV_FIELD_MAX: Final = 10_000_000  # characters in one cell; longer is not a table
SHOWN_VALUES: Final = 8  # examples in a message to a person

# --- kinds of columns -----------------------------------------------------------------------
NUMBER_SHARE: Final = 0.98  # of the filled cells parse as numbers
DATE_SHARE: Final = 0.95  # of a sample of the filled cells parse as dates
SAMPLE_CELLS: Final = 1_000  # cells looked at to recognise dates, hashes and free text
ID_DISTINCT_SHARE: Final = 0.98  # distinct / filled of an identifier that is a number
ID_TEXT_DISTINCT_SHARE: Final = 0.9  # … that is text
ID_MIN_ROWS: Final = 20  # with fewer rows all-different says nothing
FREE_TEXT_WORDS: Final = 6.0  # mean words per cell
MIN_FILL_SHARE: Final = 0.01  # of the rows
MIN_STATE_ROWS: Final = 3  # rows outside the commonest state; fewer is a constant
LEVELS_COVER: Final = 0.3  # of the filled rows must lie in levels that are kept
LEVELS_MAX: Final = 250  # scikit-learn's trees take 255 states of a categorical
LEVEL_MIN_ROWS: Final = 2  # the first repetition; grows to LEVEL_MIN_ROWS_MAX with the table
LEVEL_MIN_ROWS_MAX: Final = 10
LEVEL_ROWS_PER: Final = 1_000  # one more row is asked for per this many rows
CELLS_MAX: Final = 48  # quantile cells of a number: fine enough to lose nothing measurable
CELL_MIN_ROWS: Final = 3  # mean rows in a cell of a number
