"""`python -m sandbox`."""

from __future__ import annotations

import os
import sys

from sandbox.commands.parser import run

if __name__ == "__main__":
    sys.exit(run(sys.argv[1:], os.environ))
