"""How well similar past leads say what becomes of a lead: one text of all fields against fields
weighed by what they say about winning.

    python -m bench.similar [--data ../shared/data] [--database sqlite:///FILE --portal ID]

Prints one JSON object. For every lead whose outcome is known the share won among its k nearest past
leads (none of its own company, one per company) is taken as a forecast; AUC against what became of
it, mean over k = 3, 5, 10, 20. `industry` is the share of the five nearest ideal clients of the
lead's industry. Public sets have other columns: they stand for the six profile fields, and 25
random wins, which are then left out, for the ideal clients.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from backend.embedded.use_embedder import UseEmbedder
from backend.learning.metrics import auc
from backend.model import PROFILE_FIELDS, IdealClient, Population, Profile
from backend.ports import Embedder, Vector
from backend.scoring.embed import fact_values, facts_of_client
from backend.scoring.points.profile_points import client_values, compare
from backend.scoring.similarity_vectors import (
    Values,
    asking_vector,
    field_weights,
    stored_vector,
    value_texts,
)
from backend.services.scoring.embedding import outcome_of
from backend.services.scoring.snapshots import load
from backend.storage.database import Database
from backend.storage.leads import mirror
from backend.storage.learning import profiles
from backend.storage.portals import portals

NEAREST = (3, 5, 10, 20)
IDEAL = 25
MOST = 1_500  # leads of a public set
# set → profile field: column; numbers are cut into fifths
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "it_win_prediction": {
        "industry": "Client Category",
        "technologies": "Solution Type",
        "revenue_range": "Sector",
        "location": "Location",
        "budget_range": "Deal Cost",
    },
    "salvirt_b2b": {
        "industry": "Product",
        "company_size": "Comp_size",
        "revenue_range": "Growth",
        "location": "Source",
        "technologies": "Client",
        "budget_range": "Authority",
    },
    "xeducation": {
        "industry": "Specialization",
        "company_size": "What is your current occupation",
        "revenue_range": "Lead Source",
        "location": "Country",
        "technologies": "Lead Origin",
    },
}


@dataclass(frozen=True, slots=True)
class Past:
    """Leads whose outcome is known, the profile they are compared by, and whose company each is."""

    leads: tuple[IdealClient, ...]
    won: tuple[int, ...]
    companies: tuple[str, ...]
    profile: Profile
    population: Population


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--database", default="")
    parser.add_argument("--portal", type=int, default=0)
    options = parser.parse_args()
    embedder = UseEmbedder()
    found = {}
    if options.database:
        found["portal"] = measure(of_portal(options.database, options.portal), embedder)
    for name in COLUMNS:
        path = options.data / name / "dev.csv"
        if path.exists():
            found[name] = measure(of_file(path, COLUMNS[name]), embedder)
    print(json.dumps(found, indent=2))


def measure(past: Past, embedder: Embedder) -> dict[str, float]:
    """Both ways' figures."""
    texts = [facts_of_client(one) or " " for one in (*past.leads, *past.profile.clients)]
    text_rows = embedder.embed(texts)
    values = [client_values(one) for one in (*past.leads, *past.profile.clients)]
    known = _embedded(values, embedder)
    weights = field_weights(compare(past.profile, past.population))
    stored = _rows([stored_vector(each, known) for each in values], embedder.dimension)
    asking = _rows([asking_vector(each, known, weights) for each in values], embedder.dimension)
    n = len(past.leads)
    return {
        "leads": n,
        "won": round(sum(past.won) / n, 3),
        "auc_text": _forecast(text_rows[:n], text_rows[:n], past),
        "auc_fields": _forecast(asking[:n], stored[:n], past),
        "industry_text": _industry(text_rows[:n], text_rows[n:], past),
        "industry_fields": _industry(asking[:n], stored[n:], past),
    }


def of_file(path: Path, columns: Mapping[str, str], most: int = MOST) -> Past:
    """A public set; 25 random wins become the ideal clients."""
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    random.Random(1).shuffle(rows)
    rows = rows[:most]
    fifths = {c: _fifths([row[c] for row in rows]) for c in columns.values()}
    leads = [
        IdealClient(
            str(i),
            **{  # type: ignore[arg-type]
                field: (cell,) if field == "technologies" and cell else cell or ""
                for field, column in columns.items()
                for cell in [_cell(row[column], fifths[column])]
            },
        )
        for i, row in enumerate(rows)
    ]
    won = [int(row["label"]) for row in rows]
    wins = [i for i, outcome in enumerate(won) if outcome]
    ideal = set(random.Random(0).sample(wins, min(IDEAL, len(wins) // 3)))
    rest = [i for i in range(len(rows)) if i not in ideal]
    return Past(
        tuple(leads[i] for i in rest),
        tuple(won[i] for i in rest),
        tuple(str(i) for i in rest),
        Profile(1, 1, tuple(leads[i] for i in sorted(ideal))),
        population_of([leads[i] for i in rest]),
    )


def of_portal(url: str, portal_id: int) -> Past:
    """The mirrored leads of a portal with a won or lost deal, and its own profile."""
    with Database(url).read() as conn:
        portal = portals.get(conn, portal_id)
        ids = mirror.contact_ids(conn, portal_id, limit=1_000_000)
        snapshots = load(conn, portal, ids, datetime.now(UTC)).values()
        profile = profiles.active(conn, portal_id)
        population, _ = profiles.population(conn, portal_id)
    decided = [snapshot for snapshot in snapshots if outcome_of(snapshot) != "open"]
    return Past(
        tuple(_client(s.contact_id, fact_values(s, profile)) for s in decided),
        tuple(int(outcome_of(snapshot) == "won") for snapshot in decided),
        tuple(snapshot.company_id or snapshot.contact_id for snapshot in decided),
        profile,
        population,
    )


def _client(client_id: str, values: Values) -> IdealClient:
    single = {f: "".join(values[f][:1]) for f in PROFILE_FIELDS if f != "technologies"}
    return replace(
        IdealClient(client_id, technologies=tuple(values["technologies"])),
        **single,  # type: ignore[arg-type]
    )


def population_of(leads: Sequence[IdealClient]) -> Population:
    """How often each value is among these leads."""
    counts: dict[str, Counter[str]] = {field: Counter() for field in PROFILE_FIELDS}
    for lead in leads:
        for field, values in client_values(lead).items():
            counts[field].update(values)
    return Population(1, len(leads), counts)


def _embedded(values: Sequence[Values], embedder: Embedder) -> dict[str, Vector]:
    texts = sorted({text for each in values for text in value_texts(each)})
    return dict(zip(texts, embedder.embed(texts), strict=True))


def _rows(vectors: Sequence[Vector | None], size: int) -> Vector:
    nothing = np.zeros(size, dtype=np.float32)
    return np.array([nothing if vector is None else vector for vector in vectors])


def _forecast(asking: Vector, stored: Vector, past: Past) -> float:
    """Mean AUC of the share won among the nearest of other companies, one of each."""
    won, companies = np.array(past.won), np.array(past.companies)
    nearest = [_others(row @ stored.T, i, companies) for i, row in enumerate(asking)]
    found = [auc(won, np.array([won[of[:k]].mean() for of in nearest])) or 0.5 for k in NEAREST]
    return round(float(np.mean(found)), 3)


def _others(similar: Vector, own: int, companies: Vector) -> list[int]:
    kept: list[int] = []
    seen = {companies[own]}
    for place in np.argsort(-similar, kind="stable"):
        if companies[place] not in seen:
            seen.add(companies[place])
            kept.append(int(place))
            if len(kept) == NEAREST[-1]:
                break
    return kept


def _industry(asking: Vector, clients: Vector, past: Past) -> float:
    """The share of the five nearest ideal clients that are of the lead's industry."""
    shares = [
        np.mean([past.profile.clients[j].industry == lead.industry for j in np.argsort(-row)[:5]])
        for lead, row in zip(past.leads, asking @ clients.T, strict=True)
        if lead.industry
    ]
    return round(float(np.mean(shares)), 3)


def _fifths(cells: Sequence[str]) -> list[float] | None:
    try:
        numbers = [float(cell) for cell in cells if cell]
    except ValueError:
        return None
    return [float(edge) for edge in np.quantile(numbers, (0.2, 0.4, 0.6, 0.8))]


def _cell(cell: str, fifths: list[float] | None) -> str:
    if fifths is None or not cell:
        return "" if cell in {"Select", "Unknown"} else cell
    return f"fifth {int(np.searchsorted(fifths, float(cell))) + 1}"


if __name__ == "__main__":
    main()
