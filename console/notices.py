"""What a score has to say beside its number, each thing once."""

from __future__ import annotations

from collections.abc import Sequence

from console.vocabulary import FLAGS


def notices(flags: Sequence[str]) -> list[tuple[str, str, str]]:
    """(title, text, tone). A budget that is used up explains what is missing by itself."""
    spent = "over_budget" in flags
    shown = [FLAGS[f] for f in flags if f in FLAGS and not (spent and f.endswith("_away"))]
    return list(dict.fromkeys((one["title"], one["text"], one["tone"]) for one in shown))
