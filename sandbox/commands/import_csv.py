"""`python -m sandbox import`: placeholder."""

from __future__ import annotations

import argparse


def run(chosen: argparse.Namespace) -> int:
    """Load."""
    raise NotImplementedError
