"""Two processes set one portal up at the same moment: the command of a person and a worker."""

from __future__ import annotations

from typing import Any

import pytest

from backend.clients.hubspot.api import HubSpotApi
from backend.errors import UnknownPath
from tests.integration.conftest import PORTAL, Connected, install

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@ON_SQLITE
def test_a_list_that_somebody_made_in_between_is_the_list(
    unconnected: Connected, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(unconnected)
    in_portal = unconnected.product.hubspot.setup(PORTAL)
    theirs = in_portal.ensure_lists()
    looked: set[str] = set()
    as_it_is = HubSpotApi.call

    def too_early(api: HubSpotApi, method: str, path: str, **options: Any) -> Any:
        """The first look for each list comes before the other process has made it."""
        if "/name/" in path and path not in looked:
            looked.add(path)
            raise UnknownPath(path)
        return as_it_is(api, method, path, **options)

    monkeypatch.setattr(HubSpotApi, "call", too_early)
    assert in_portal.ensure_lists() == theirs
    assert len(looked) == len(theirs)
