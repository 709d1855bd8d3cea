"""Texts to embed, and their vectors; nothing is embedded twice.

Two texts per lead. `text_of` holds business facts and the company's description and decides the
similarity points, which share the cap of free text. `facts_of` holds the facts alone and decides
which clients are neighbours: what a lead writes must not choose whom the analyst compares it with.
Neither holds a name, email, phone or address: free text goes through `redact`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backend.errors import BadAnswer, LeadlightError, Permanent
from backend.model import PROFILE_FIELDS, IdealClient, Profile, Snapshot
from backend.ports import Embedder, Vector
from backend.scoring.points.profile_points import client_values
from backend.scoring.points.vocabulary import closed_values, profile_vocabulary
from backend.scoring.text import redact
from backend.scoring.text.manipulation import without_instructions
from backend.scoring.text.plain_text import visible
from backend.scoring.values.words import label, shown
from backend.slices import slices

EMBED_BATCH = 64  # texts of one request
DESCRIPTION_MAX = 600  # characters: what a firm does is said at the start


@dataclass(frozen=True, slots=True)
class Embedded:
    """The outcome of one text: its hash, and a unit vector or why there is none."""

    text_hash: str
    vector: Vector | None
    error: LeadlightError | None = None
    fresh: bool = False  # embedded just now, to be stored


def text_of(snapshot: Snapshot, profile: Profile | None) -> str:
    """What is embedded of a lead: listed values of its profile fields, and the description."""
    values = closed_values(snapshot, profile_vocabulary(profile))
    return _text(values, snapshot.free_text.get("description", ""))


def text_of_client(client: IdealClient) -> str:
    """What is embedded of an ideal client, in the same form."""
    return _text(client_values(client), client.description)


def facts_of(snapshot: Snapshot, profile: Profile | None) -> str:
    """What finds a lead's neighbours: listed values of its profile fields, nothing typed freely."""
    return _text(closed_values(snapshot, profile_vocabulary(profile)), "")


def facts_of_client(client: IdealClient) -> str:
    """The same of an ideal client."""
    return _text(client_values(client), "")


def fact_values(snapshot: Snapshot, profile: Profile | None) -> dict[str, tuple[str, ...]]:
    """The listed values themselves, by field: what a lead's vector for neighbours is made of."""
    return closed_values(snapshot, profile_vocabulary(profile))


def text_hash(text: str, embedder_name: str) -> str:
    """Identifies a text under one model; vectors of different models never meet."""
    return hashlib.sha256(f"{embedder_name}\n{text}".encode()).hexdigest()


def embed_missing(
    texts: Sequence[str], known: Mapping[str, Vector], embedder: Embedder
) -> list[Embedded]:
    """One outcome per text, in order; equal texts and `known` hashes are not embedded again.

    An empty text has no vector and no error. A failed request fails only its own batch.
    """
    hashes = [text_hash(text, embedder.name) for text in texts]
    wanted = {h: t for h, t in zip(hashes, texts, strict=True) if t and h not in known}
    fresh: dict[str, Embedded] = {}
    for batch in slices(list(wanted.items()), EMBED_BATCH):
        fresh |= _embed_batch(dict(batch), embedder)
    return [
        fresh.get(h) or Embedded(h, known.get(h) if text else None)
        for h, text in zip(hashes, texts, strict=True)
    ]


def _embed_batch(batch: Mapping[str, str], embedder: Embedder) -> dict[str, Embedded]:
    try:
        vectors = embedder.embed(list(batch.values()))
    except LeadlightError as error:
        return {h: Embedded(h, None, error) for h in batch}
    if vectors.shape != (len(batch), embedder.dimension):
        wrong = Permanent(
            f"{embedder.name} answered shape {vectors.shape} for {len(batch)} texts of dimension "
            f"{embedder.dimension}: check the model"
        )
        return {h: Embedded(h, None, wrong) for h in batch}
    return {h: _checked(h, vector) for h, vector in zip(batch, vectors, strict=True)}


def _checked(text_id: str, vector: Vector) -> Embedded:
    length = float(np.linalg.norm(vector))
    if not np.isfinite(length) or length == 0:
        return Embedded(text_id, None, BadAnswer("an embedding is zero or not a number"))
    return Embedded(text_id, (vector / length).astype(np.float32), fresh=True)


def _text(values: Mapping[str, Sequence[str]], description: str) -> str:
    facts = [
        f"{label(field)}: {', '.join(shown(field, value) for value in values[field])}."
        for field in PROFILE_FIELDS
        if values[field]
    ]
    about = without_instructions(redact.outgoing(visible(description)))
    return redact.outgoing(" ".join([*facts, " ".join(about.split())[:DESCRIPTION_MAX]])).strip()
