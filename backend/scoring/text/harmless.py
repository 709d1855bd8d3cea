"""Short values that somebody typed into a file: which of them a vendor may get as they are."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from backend.scoring.text import redact
from backend.scoring.text.manipulation import suspected

_LABEL: Final = re.compile(r"[\w &/.,+#()'’-]{1,60}")


def harmless(text: str, known: Collection[str] = ()) -> str:
    """`text` as it is, or "" where it holds personal data, instructions or odd characters. `known`:
    names of the portal's people, as `redact.personal` takes them."""
    kept = redact.outgoing(text, known=known) == text and not suspected(text)
    return text if kept and _LABEL.fullmatch(text) else ""
