"""A training takes one thread, the first in its process too."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.conftest import ROOT

# What the pools may use while trees are fitted, asked in a process that has trained nothing before.
PROGRAM = """
import json
from threadpoolctl import threadpool_info
from backend.learning.fit import boosted, fit
from backend.learning.fit.training import train
from tests.unit.learning.tables import leads
seen = []
original = boosted._fit
def watched(*given):
    answer = original(*given)
    seen.append({pool["filepath"]: pool["num_threads"] for pool in threadpool_info()})
    return answer
boosted._fit = watched
train(leads(60), "Outcome")
print(json.dumps(seen))
"""


def test_no_pool_has_a_second_thread_inside_the_first_fit() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True
    )
    seen = json.loads(done.stdout)
    assert seen and all(len(pools) > 1 for pools in seen)
    assert {threads for pools in seen for threads in pools.values()} == {1}
