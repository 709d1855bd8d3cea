"""Every number of the stand-in, with unit and where it comes from.

`ref` is `reference/hubspot.md`, compiled from HubSpot's specs and pages.
"""

from __future__ import annotations

# Addresses and identities
DEFAULT_PORT = 9001
DEFAULT_PORTAL_ID = 4242001
DEFAULT_APP_ID = 931806
DEFAULT_SEED = 7
DEFAULT_CONTACTS = 1500

# OAuth (ref 2)
CODE_LIFETIME_S = 60.0  # codes are single-use and short-lived
ACCESS_TOKEN_LIFETIME_S = 1800.0

# CRM (ref 5)
DATED_VERSIONS = ("2026-09", "2026-03")
OLD_VERSIONS = ("v3", "v4")
PAGE_DEFAULT = 10
PAGE_MAX = 100
BATCH_MAX = 100
ASSOCIATION_READ_MAX = 1000
ASSOCIATION_CREATE_MAX = 2000
ASSOCIATION_PAGE = 500  # associated ids shown per record before paging
HISTORY_MAX = 45  # versions of a property that are kept
STRING_MAX = 65_536  # characters of a string value
OWNER_PAGE_MAX = 500
MEMBERSHIP_PAGE_MAX = 250

# Search (ref 5.3)
SEARCH_PAGE_MAX = 200
SEARCH_RESULTS_MAX = 10_000
SEARCH_BODY_MAX = 3_000  # characters
SEARCH_GROUPS_MAX = 5
SEARCH_FILTERS_PER_GROUP_MAX = 6
SEARCH_FILTERS_MAX = 18
SEARCH_DELAY_MS = 1_000  # new and changed records appear this late

# Rate limits of an OAuth marketplace app (ref 6)
BURST_CALLS = 110
BURST_WINDOW_S = 10.0
SEARCH_CALLS = 5
SEARCH_WINDOW_S = 1.0

# Webhooks (ref 4.2)
WEBHOOK_BATCH_MAX = 100
WEBHOOK_WINDOW_S = 0.2  # how long events gather before they are sent
WEBHOOK_TIMEOUT_S = 5.0
WEBHOOK_IN_FLIGHT = 10
# Ten retries within 24 hours, randomised (ref 4.2); the last is sent after 15 to 23 hours.
WEBHOOK_RETRY_DELAYS_S = (
    60.0,
    120.0,
    300.0,
    900.0,
    1_800.0,
    3_600.0,
    7_200.0,
    14_400.0,
    18_000.0,
    21_600.0,
)
WEBHOOK_JITTER = 0.2  # share by which a retry delay varies, both ways

# The server
BODY_MAX_BYTES = 32 * 1024 * 1024
IDLE_S = 75.0  # a kept-alive connection without a request is closed

TIME_ZONE = "Europe/Dublin"  # of every account
