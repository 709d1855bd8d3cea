"""`python -m sandbox ideal-clients`: the profile a sales team of the portal would write down."""

from __future__ import annotations

import argparse
import csv
import sys
from typing import TextIO

from sandbox import numbers
from sandbox.errors import SandboxError
from sandbox.generator.profiles import HEADERS, ideal_clients
from sandbox.times import system_clock


def run(chosen: argparse.Namespace) -> int:
    """Write CSV to stdout."""
    write(sys.stdout, chosen.seed, chosen.contacts, chosen.rows)
    return 0


def write(out: TextIO, seed: int | str, contacts: int, rows: int) -> None:
    """Header and `rows` clients, most typical first."""
    clients = ideal_clients(numbers.DEFAULT_PORTAL_ID, seed, contacts, system_clock())
    if len(clients) < rows:
        raise SandboxError(f"only {len(clients)} companies were won: ask for fewer --rows")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADERS)
    writer.writerows(clients[:rows])
