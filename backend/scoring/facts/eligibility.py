"""Who is a lead, and in plain words why somebody is not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from backend.model import EligibilityRules
from backend.scoring.values.free_mail import is_free_mail, is_placeholder


def ineligible_reason(
    contact_id: str,
    facts: Mapping[str, str],
    rules: EligibilityRules,
    *,
    archived: bool = False,
) -> str | None:
    """Why the contact with these mirrored facts is not scored, None when it is a lead.

    A contact without email or any other property is a lead: unknown is never bad.
    """
    if archived:
        return "The contact is deleted in HubSpot."
    if contact_id in rules.excluded_contact_ids:
        return "The contact is on this portal's exclusion list."
    stage = facts.get("lifecycle_stage", "")
    if stage and stage in {name.casefold() for name in rules.excluded_lifecycle_stages}:
        return f"Contacts in lifecycle stage “{stage}” are not scored in this portal."
    return _domain_reason(facts.get("email_domain", ""), facts, rules)


def colleagues_domains(emails: Iterable[str]) -> tuple[str, ...]:
    """The domains of these addresses of users of the CRM, but free mail: others there are
    colleagues."""
    domains = {email.rpartition("@")[2].strip().casefold() for email in emails if "@" in email}
    return tuple(sorted(d for d in domains if d and not is_free_mail(d) and not is_placeholder(d)))


def _domain_reason(domain: str, facts: Mapping[str, str], rules: EligibilityRules) -> str | None:
    if _within(domain, rules.own_domains):
        return f"The address is in your own domain {domain}: a colleague, not a lead."
    if _within(domain, rules.excluded_domains):
        return f"The email domain {domain} is excluded in this portal."
    if is_placeholder(domain):
        return f"The address is at {domain}, which people type to get past a form."
    if facts.get("email_kind") == "free" and not rules.free_mail_allowed:
        return f"Free mail addresses ({domain}) are not scored in this portal."
    return None


def _within(domain: str, domains: tuple[str, ...]) -> bool:
    """True for a listed domain and every subdomain of one."""
    listed = {name.strip().casefold().lstrip("@") for name in domains} - {""}
    parts = domain.split(".") if domain else []
    return any(".".join(parts[i:]) in listed for i in range(len(parts)))
