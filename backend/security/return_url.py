"""Where HubSpot's marketplace wants a browser back: only ever a page of HubSpot's own.

The whole text has to have one form, so no two readers can disagree about its host.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from backend.transit import LOOPBACK

URL_MAX: Final = 2_000  # characters
_REST: Final = re.compile(r"(?:[/?][A-Za-z0-9/?#%&=+.,:;@!$'()*_~-]*)?")
_HUBSPOTS: Final = re.compile(
    rf"https://(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)?hubspot\.com{_REST.pattern}"
)


def is_hubspots(url: str, authorize_base: str) -> bool:
    """Whether `url` is https on hubspot.com or a name directly below it, without user or port.

    `authorize_base`: where this installation sends people to consent. While that is on this very
    machine (the sandbox), its pages stand for HubSpot's.
    """
    if len(url) > URL_MAX:
        return False
    if urlsplit(authorize_base).hostname in LOOPBACK:
        rest = url.removeprefix(authorize_base)
        return url.startswith(authorize_base) and _REST.fullmatch(rest) is not None
    return _HUBSPOTS.fullmatch(url) is not None
