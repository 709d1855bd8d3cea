"""The cards on a company, a deal and a lead record: what is stored of their contacts."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from backend.scoring.values.words import shown as shown_value
from backend.services.scoring.accounts import account_of
from backend.services.scoring.deals import deal_leads
from backend.storage.leads import mirror, summary_rows
from backend.web.accesses import name_actor
from backend.web.api.framework.people import contact_names
from backend.web.card import models as shapes
from backend.web.card.answer import moment
from backend.web.card.routes import Refused, as_json, is_id, note_look, portal_of, read_lead
from backend.web.hubspot.signed import SignedCaller, caller
from backend.wiring import Stores


def blueprint(stores: Stores) -> Blueprint:
    """Company, deal and lead record to read."""
    routes = Blueprint("card_records", __name__)

    @routes.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        return jsonify(error.failure.model_dump())

    @routes.get("/card/company")
    def company() -> Response:
        who = caller(stores)
        company_id = request.args.get("companyId", "")
        name_actor(f"hubspot:{who.user_id}", who.portal_id, f"companies/{company_id}")
        return as_json(read_account(stores, who.portal_id, company_id))

    @routes.get("/card/deal")
    def deal() -> Response:
        who = caller(stores)
        deal_id = request.args.get("dealId", "")
        name_actor(f"hubspot:{who.user_id}", who.portal_id, f"deals/{deal_id}")
        return as_json(read_deal(stores, who.portal_id, deal_id))

    @routes.get("/card/lead-record")
    def lead_record() -> Response:
        who = caller(stores)
        lead_id = request.args.get("leadId", "")
        name_actor(f"hubspot:{who.user_id}", who.portal_id, f"leads/{lead_id}")
        answer = read_lead_record(stores, who, lead_id)
        note_look(stores, who, answer.lead.contact_id)
        return as_json(answer)

    return routes


def read_lead_record(stores: Stores, who: SignedCaller, lead_id: str) -> shapes.LeadRecordAnswer:
    """What the card on the lead's contact shows, and what became of the lead."""
    with stores.database.read() as conn:
        portal_of(conn, who.portal_id)
        ids = [lead_id] if is_id(lead_id) else []
        contacts = mirror.contacts_of(conn, who.portal_id, "leads", ids).get(lead_id, [])
        facts = {
            one: r.facts for one, r in mirror.records(conn, who.portal_id, "leads", ids).items()
        }
        scored = summary_rows.scored_among(conn, who.portal_id, contacts, 1)
    if not scored:
        raise Refused("not_scored", "The contact of this lead has no score.")
    known = facts.get(lead_id, {})
    return shapes.LeadRecordAnswer.model_validate(
        {
            "lead": read_lead(stores, who, scored[0]["contact_id"]).lead,
            "state": known.get("state", "open"),
            "reason": known.get("reason", ""),
        }
    )


def read_account(stores: Stores, portal_id: int, company_id: str) -> shapes.AccountAnswer:
    """A company's score and its leads, from one read transaction."""
    with stores.database.read() as conn:
        portal = portal_of(conn, portal_id)
        found = (
            account_of(conn, portal, company_id, stores.clock.now()) if is_id(company_id) else None
        )
        if found is None:
            raise Refused("not_scored", "Nobody at this company is a lead with a score yet.")
        shown = found.leads[: shapes.ACCOUNT_LEADS_MAX]
        names = contact_names(conn, stores.cipher, portal_id, [row["contact_id"] for row in shown])
    adds = {part.contact_id: part.points for part in found.score.parts}
    account = shapes.Account(
        company_id=company_id,
        score=found.score.score,
        fit_level=found.score.band.value,
        leads=[
            shapes.AccountLead(
                contact_id=row["contact_id"],
                name=names[row["contact_id"]],
                score=row["score"],
                fit_level=row["band"],
                next_action=row["next_action"],
                department=shown_value("department", found.departments.get(row["contact_id"], "")),
                adds=adds.get(row["contact_id"], 0),
            )
            for row in shown
        ],
        further=len(found.leads) - len(shown),
        absent=[
            shapes.AbsentDepartment(
                department=shown_value("department", one.department), share=one.share
            )
            for one in found.absent
        ],
        mode=portal.settings.mode.value,
    )
    return shapes.AccountAnswer(account=account)


def read_deal(stores: Stores, portal_id: int, deal_id: str) -> shapes.DealAnswer:
    """A deal's contacts, then and now, from one read transaction."""
    with stores.database.read() as conn:
        portal = portal_of(conn, portal_id)
        found = deal_leads(conn, portal, deal_id) if is_id(deal_id) else None
        if found is None:
            raise Refused("not_scored", "No contact of this deal has had a score yet.")
        shown = found.leads[: shapes.DEAL_LEADS_MAX]
        names = contact_names(conn, stores.cipher, portal_id, [one.contact_id for one in shown])
    deal = shapes.Deal(
        deal_id=deal_id,
        created_at=moment(found.created_at),
        leads=[
            shapes.DealLead(
                contact_id=one.contact_id, name=names[one.contact_id], then=one.then, now=one.now
            )
            for one in shown
        ],
        further=len(found.leads) - len(shown),
        mode=portal.settings.mode.value,
    )
    return shapes.DealAnswer(deal=deal)
