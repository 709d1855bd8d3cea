"""What redaction takes out of texts with planted people, and what it leaves of texts without any.

Invented people in six languages (`tests/support/canary_texts.py`). `recall` is the share of texts
of which nothing planted is left; `useful` of those in which what the text wants can still be read;
`harmless` the share of words kept of texts that hold nobody.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Iterable

from backend.scoring.text.redact import candidates, outgoing
from tests.support.canary_texts import HARMLESS, Canary, canaries

STRANGERS = "stranger"  # nobody's name and no cue: said in docs/security.md


def main() -> None:
    """Print one JSON object."""
    texts = canaries()
    by_kind: dict[str, list[bool]] = defaultdict(list)
    by_language: dict[str, list[bool]] = defaultdict(list)
    useful = []
    for canary in texts:
        gone = is_gone(canary)
        by_kind[canary.kind].append(gone)
        by_language[canary.language].append(gone)
        useful.append(canary.kept in redacted(canary))
    began = time.process_time()
    for canary in texts:
        redacted(canary)
    ms = 1_000 * (time.process_time() - began) / len(texts)
    answer = {
        "texts": len(texts),
        "recall": _share(ok for found in by_kind.values() for ok in found),
        "recall_without_strangers": _share(
            ok for kind, found in by_kind.items() if kind != STRANGERS for ok in found
        ),
        "by_kind": {kind: _share(found) for kind, found in sorted(by_kind.items())},
        "by_language": {language: _share(found) for language, found in sorted(by_language.items())},
        "useful": _share(useful),
        "harmless": harmless_kept(),
        "ms_per_text": round(ms, 3),
    }
    print(json.dumps(answer, indent=2))


def redacted(canary: Canary) -> str:
    """The text as it would leave: the portal knows the lead and its colleague."""
    words = {word.casefold() for name in canary.known for word in name.split()}
    return outgoing(canary.text, (canary.own,), words & candidates(canary.text))


def is_gone(canary: Canary) -> bool:
    """Whether nothing planted is left."""
    left = redacted(canary).casefold()
    return not any(secret.casefold() in left for secret in canary.secrets)


def harmless_kept() -> float:
    """The share of words that stay of texts without anybody."""
    pairs = [(text.split(), outgoing(text)) for texts in HARMLESS.values() for text in texts]
    return _share(word in left for words, left in pairs for word in words)


def _share(found: Iterable[bool]) -> float:
    oks = list(found)
    return round(sum(oks) / len(oks), 4)


if __name__ == "__main__":
    main()
