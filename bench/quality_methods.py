"""Who competes: ours, naive Bayes, and the references where they can be imported."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np

from backend.learning.arrays import Floats, Ints
from backend.learning.data.cutting import cut
from backend.learning.data.encoding import encode, encode_columns
from backend.learning.data.kinds import kind_of
from backend.learning.fit.training import TrainingChoices, train
from backend.learning.judge.baselines import naive_bayes
from backend.scoring.scorecard.cells import number_of
from backend.scoring.scorecard.scorecard import apply
from bench.quality_sets import OUTCOME, Split

Method = Callable[[Split, Ints, int], Floats]
NUMBER_SHARE = 0.9


def methods() -> tuple[dict[str, Method], list[str]]:
    """(methods by name, names of the references that are not installed)."""
    found: dict[str, Method] = {"ours": ours, "naive_bayes": bayes, "logistic_regression": logistic}
    absent = []
    for name, module, method in (
        ("lightgbm", "lightgbm", lightgbm),
        ("catboost", "catboost", catboost),
    ):
        if importlib.util.find_spec(module):
            found[name] = method
        else:
            absent.append(name)
    return found, absent


def ours(split: Split, rows: Ints, seed: int) -> Floats:
    """The product as a person would run it, the README's leak columns ignored."""
    choices = TrainingChoices(ignore=split.data.ignore)
    card = train(split.table.take(rows), OUTCOME, choices).scorecard
    return apply(card, split.table.take(split.test).row_mappings()).chances


def bayes(split: Split, rows: Ints, seed: int) -> Floats:
    """Odoo's method on the same cells."""
    table = split.table.take(rows)
    kinds = [kind_of(n, table.column(n)) for n in split.names]
    cells = [cut(kind, table.column(kind.name)) for kind in kinds if kind.usable]
    codes = encode_columns(cells, split.table.take(split.test))
    return naive_bayes(encode(cells, table), split.won[rows], codes)


def logistic(split: Split, rows: Ints, seed: int) -> Floats:
    """Ridge regression (C = 1) on one-hot levels and standardised numbers."""
    from sklearn.linear_model import LogisticRegression

    train_parts, test_parts = [], []
    for train_cells, test_cells, numeric in _columns(split, rows):
        if numeric:
            train_part, test_part = _standardised(train_cells, test_cells)
        else:
            levels = sorted(set(train_cells))
            train_part, test_part = _one_hot(train_cells, levels), _one_hot(test_cells, levels)
        train_parts.append(train_part)
        test_parts.append(test_part)
    model = LogisticRegression(C=1.0, max_iter=2_000)
    model.fit(np.hstack(train_parts), split.won[rows])
    return _chances(model.predict_proba(np.hstack(test_parts))[:, 1])


def lightgbm(split: Split, rows: Ints, seed: int) -> Floats:
    """Small trees with leaf sizes that suit the number of rows."""
    lgb = importlib.import_module("lightgbm")
    train_columns, test_columns, categorical = [], [], []
    for position, (train_cells, test_cells, numeric) in enumerate(_columns(split, rows)):
        if numeric:
            train_columns.append(_numbers(train_cells))
            test_columns.append(_numbers(test_cells))
        else:
            index = {level: float(i) for i, level in enumerate(sorted(set(train_cells)))}
            train_columns.append(np.array([index[c] for c in train_cells]))
            test_columns.append(np.array([index.get(c, np.nan) for c in test_cells]))
            categorical.append(position)
    leaf = int(np.clip(len(rows) / 50, 3, 20))
    options = {
        "objective": "binary",
        "learning_rate": 0.05,
        "num_leaves": 15,
        "min_data_in_leaf": leaf,
        "min_data_per_group": leaf,
        "min_data_in_bin": 1 if len(rows) < 500 else 3,
        "feature_fraction": 0.8,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "seed": seed,
        "verbose": -1,
        "num_threads": 2,
    }
    data = lgb.Dataset(
        np.stack(train_columns, axis=1), split.won[rows], categorical_feature=categorical
    )
    model = lgb.train(options, data, 100 if len(rows) < 1_000 else 200)
    return _chances(model.predict(np.stack(test_columns, axis=1)))


def catboost(split: Split, rows: Ints, seed: int) -> Floats:
    """500 trees, everything else as it comes."""
    library = importlib.import_module("catboost")
    columns = _columns(split, rows)
    categorical = [i for i, (_, _, numeric) in enumerate(columns) if not numeric]
    sides: list[list[Any]] = [
        [_numbers(cells).tolist() if numeric else cells for cells, numeric in side]
        for side in (
            [(train_cells, numeric) for train_cells, _, numeric in columns],
            [(test_cells, numeric) for _, test_cells, numeric in columns],
        )
    ]
    train_rows, test_rows = ([list(row) for row in zip(*side, strict=True)] for side in sides)
    model = library.CatBoostClassifier(
        iterations=500, random_seed=seed, verbose=0, thread_count=2, allow_writing_files=False
    )
    model.fit(library.Pool(train_rows, split.won[rows], cat_features=categorical))
    return _chances(model.predict_proba(library.Pool(test_rows, cat_features=categorical))[:, 1])


def _columns(split: Split, rows: Ints) -> list[tuple[list[str], list[str], bool]]:
    """(training cells, test cells, numeric?) of every honest column."""
    found = []
    for name in split.names:
        column = split.table.column(name)
        train_cells = [column[i] or "" for i in rows.tolist()]
        test_cells = [column[i] or "" for i in split.test.tolist()]
        read = sum(number_of(cell) is not None for cell in train_cells)
        found.append((train_cells, test_cells, read >= NUMBER_SHARE * len(train_cells)))
    return found


def _numbers(cells: list[str]) -> Floats:
    read = [number_of(cell) for cell in cells]
    return np.array([np.nan if x is None else x for x in read], dtype=np.float64)


def _standardised(train_cells: list[str], test_cells: list[str]) -> tuple[Floats, Floats]:
    train, test = _numbers(train_cells), _numbers(test_cells)
    middle = float(np.nanmedian(train))
    train, test = np.nan_to_num(train, nan=middle), np.nan_to_num(test, nan=middle)
    mean, spread = float(train.mean()), float(train.std()) or 1.0
    return ((train - mean) / spread)[:, None], ((test - mean) / spread)[:, None]


def _one_hot(cells: list[str], levels: list[str]) -> Floats:
    index = {level: i for i, level in enumerate(levels)}
    hot = np.zeros((len(cells), len(levels)))
    for row, cell in enumerate(cells):
        if cell in index:
            hot[row, index[cell]] = 1.0
    return hot


def _chances(values: Any) -> Floats:
    return np.asarray(values, dtype=np.float64)
