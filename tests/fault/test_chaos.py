"""`make chaos`, for half a minute on each database."""

from __future__ import annotations

import json
import os

import pytest

from bench import chaos


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_short_storm_loses_and_doubles_nothing(
    kind: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    found = chaos.stormed(kind, seed=11, minutes=0.4, contacts=60)
    assert chaos.holds(found), json.dumps(found)
    assert found["changes"] > 0
    assert sum(found["faults"].values()) > 0
