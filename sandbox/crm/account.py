"""Owners, the deal pipeline, account details, uninstalling (ref 2.3, 5.7)."""

from __future__ import annotations

from sandbox.errors import Json, not_found
from sandbox.gateway import Answer, Call, Gateway
from sandbox.needs import needs
from sandbox.numbers import DATED_VERSIONS, OWNER_PAGE_MAX, TIME_ZONE
from sandbox.state.object_types import object_type
from sandbox.state.people import Owner
from sandbox.state.pipeline import STAGES, Stage
from sandbox.times import iso
from sandbox.world import World

_owners = needs("crm.objects.owners.read")
_deals = needs("crm.objects.deals.read")
_any = needs("oauth")


def register(gateway: Gateway, world: World) -> None:
    """Serve the calls of this file."""
    gateway.add("GET", "/crm/owners/{version}", list_owners, _owners)
    gateway.add("GET", "/crm/owners/{version}/{owner_id}", get_owner, _owners)
    gateway.add("GET", "/crm/pipelines/{version}/{object_type}", list_pipelines, _deals)
    gateway.add("GET", "/crm/pipelines/{version}/{object_type}/{pipeline_id}", pipeline, _deals)
    gateway.add(
        "GET", "/crm/pipelines/{version}/{object_type}/{pipeline_id}/stages", stages, _deals
    )

    def uninstall(call: Call) -> Answer:
        """204; every token of the app for this portal is void."""
        world.uninstall(call.portal, call.token.grant.app_id)
        return None, 204

    versions = (*DATED_VERSIONS, "v3")
    account, install = "/account-info/{version}/details", "/appinstalls/{version}/external-install"
    gateway.at("GET", account, details, _any, versions=versions)
    gateway.at("DELETE", install, uninstall, _any, versions=versions)


def list_owners(call: Call) -> Answer:
    """The people records can be assigned to."""
    limit = call.number("limit", 100, 1, OWNER_PAGE_MAX)
    after = call.number("after", 0, 0, 10**12)
    email = call.request.args.get("email", "").lower()
    found = [
        owner
        for owner in call.portal.owners
        if owner.archived is call.flag("archived")
        and owner.owner_id > after
        and email in ("", owner.email)
    ]
    answer: Json = {"results": [_owner_json(owner) for owner in found[:limit]]}
    if len(found) > limit:
        answer["paging"] = {"next": {"after": str(found[limit - 1].owner_id), "link": ""}}
    return answer, 200


def get_owner(call: Call, owner_id: str) -> Answer:
    """One owner by id or, with `idProperty=userId`, by user id."""
    by_user = call.request.args.get("idProperty") == "userId"
    for owner in call.portal.owners:
        if owner_id == str(owner.user_id if by_user else owner.owner_id):
            return _owner_json(owner), 200
    raise not_found("resource not found")


def _owner_json(owner: Owner) -> Json:
    return {
        "id": str(owner.owner_id),
        "userId": owner.user_id,
        "userIdIncludingInactive": owner.user_id,
        "email": owner.email,
        "firstName": owner.first_name,
        "lastName": owner.last_name,
        "type": "PERSON",
        "teams": [{"id": "178588", "name": owner.team, "primary": True}],
        "createdAt": iso(owner.created_ms),
        "updatedAt": iso(owner.created_ms),
        "archived": owner.archived,
    }


def details(call: Call) -> Answer:
    """What kind of account this is."""
    return {
        "portalId": call.portal.portal_id,
        "accountType": "DEVELOPER_TEST",
        "timeZone": TIME_ZONE,
        "companyCurrency": "USD",
        "additionalCurrencies": ["EUR"],
        "utcOffset": "+00:00",
        "utcOffsetMilliseconds": 0,
        "uiDomain": "app.hubspot.com",
        "dataHostingLocation": "na1",
    }, 200


def list_pipelines(call: Call, object_type: str) -> Answer:
    """Those of deals, all with the stages of the first; other kinds have none."""
    if _kind(object_type).name != "deals":
        return {"results": []}, 200
    return {"results": [_pipeline_json(call, one) for one in call.portal.pipelines]}, 200


def pipeline(call: Call, object_type: str, pipeline_id: str) -> Answer:
    """The pipeline by id."""
    if _kind(object_type).name != "deals" or pipeline_id not in call.portal.pipelines:
        raise not_found("resource not found")
    return _pipeline_json(call, pipeline_id), 200


def stages(call: Call, object_type: str, pipeline_id: str) -> Answer:
    """Its stages."""
    found, _ = pipeline(call, object_type, pipeline_id)
    return {"results": found["stages"]}, 200


_kind = object_type


def _pipeline_json(call: Call, pipeline_id: str) -> Json:
    stamp = iso(call.portal.created_ms)
    return {
        "id": pipeline_id,
        "label": call.portal.pipelines[pipeline_id],
        "displayOrder": list(call.portal.pipelines).index(pipeline_id),
        "createdAt": stamp,
        "updatedAt": stamp,
        "archived": False,
        "stages": [_stage_json(stage, order, stamp) for order, stage in enumerate(STAGES)],
    }


def _stage_json(stage: Stage, order: int, stamp: str) -> Json:
    return {
        "id": stage.stage_id,
        "label": stage.label,
        "displayOrder": order,
        "metadata": {
            "isClosed": "true" if stage.closed else "false",
            "probability": stage.probability,
        },
        "createdAt": stamp,
        "updatedAt": stamp,
        "archived": False,
        "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
    }
