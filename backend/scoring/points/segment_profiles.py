"""Segments' own ideal clients: those of the profile that carry a segment's name as a tag."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from backend.model import Profile, Segment
from backend.scoring.values.folding import words_of


def in_segments(profile: Profile, segments: Collection[Segment]) -> Profile:
    """The profile with the part of each segment that has clients of its own, and with the rest for
    everybody else. Capitals and accents of a tag do not matter."""
    names = {words_of(one.name): one.name for one in segments}
    parts: dict[str, list[int]] = {}
    for place, client in enumerate(profile.clients):
        own = {names[words_of(tag)] for tag in client.tags if words_of(tag) in names}
        for name in own or {""}:
            parts.setdefault(name, []).append(place)
    if set(parts) <= {""}:
        return profile
    return replace(
        profile,
        segments={
            name: replace(profile, clients=tuple(profile.clients[i] for i in places))
            for name, places in sorted(parts.items())
        },
    )
