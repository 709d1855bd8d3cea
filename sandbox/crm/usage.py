"""How much of its limits the account uses, `/crm/limits/{version}` (HubSpot's limits tracking)."""

from __future__ import annotations

from sandbox.gateway import Answer, Call, Gateway
from sandbox.needs import needs
from sandbox.state.object_types import OBJECT_TYPES

ALL_TYPES_TIMES = 10  # the overall limit is that many times the one of a kind of record


def register(gateway: Gateway) -> None:
    """Serve the call of this file."""
    read = needs("crm.objects.contacts.read")
    gateway.add("GET", "/crm/limits/{version}/custom-properties", custom_properties, read)


def custom_properties(call: Call) -> Answer:
    """Limit and usage by kind of record, and of all."""
    most = call.portal.custom_properties_max
    used = {name: call.portal.catalogs[name].custom_count() for name in OBJECT_TYPES}
    return {
        "byObjectType": [
            {
                "objectTypeId": kind.type_id,
                "singularLabel": kind.singular.capitalize(),
                "pluralLabel": kind.name.capitalize(),
                "limit": most,
                "usage": used[name],
                "percentage": round(100 * used[name] / most) if most else 100,
            }
            for name, kind in OBJECT_TYPES.items()
        ],
        "overallLimit": most * ALL_TYPES_TIMES,
        "overallUsage": sum(used.values()),
        "overallPercentage": round(10 * sum(used.values()) / most) if most else 100,
    }, 200
