"""An environment that is complete."""

from __future__ import annotations

import base64

KEY = base64.b64encode(bytes(range(32))).decode()


SECRET = "7f3a9c51e08b46d2a1c7e95f30b8d642"


GOOD = {
    "PUBLIC_BASE_URL": "http://localhost:8000",
    "ENCRYPTION_KEYS": f"k1:{KEY}",
    "SESSION_SECRET": SECRET,
    "HUBSPOT_CLIENT_ID": "id",
    "HUBSPOT_CLIENT_SECRET": "new,old",
    "HUBSPOT_APP_ID": "7",
}
