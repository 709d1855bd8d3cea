"""What the CRM answered becomes mirror rows; names and emails are sealed on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from backend.model import OF_CONTACTS, CrmRecord, MirrorRecord, Person
from backend.scoring.collect import mirror_record
from backend.scoring.facts.activities import SENDER, sender_of
from backend.scoring.facts.contact_facts import EMAILS
from backend.scoring.facts.properties import properties_for
from backend.scoring.facts.segments import own_read
from backend.services import records
from backend.services.defects import Defect, halving
from backend.services.mirror.definitions import labels_of
from backend.services.mirror.known_names import names_in_records
from backend.storage.database import Connection
from backend.storage.leads import due_leads, mirror, person_words
from backend.storage.leads import people as people_rows
from backend.storage.portals import portals
from backend.storage.portals.portals import Portal
from backend.storage.privacy import missing_contacts, tombstones
from backend.wiring import Stores

log = structlog.get_logger()
LINKED = ("companies", "deals")  # what a contact is read with
ADDRESSES_MAX = 20  # further ones of a contact
OWNERS_OF_DEALS = ("companies", "contacts")  # what a deal is read with


@dataclass(frozen=True, slots=True)
class Prepared:
    """A record with what is to be stored of it."""

    record: CrmRecord
    mirrored: MirrorRecord
    person: Person | None


def prepared(stores: Stores, portal: Portal, records: Sequence[CrmRecord]) -> list[Prepared]:
    """Read what people typed, before a transaction begins: nobody waits for the database on a
    text's account."""
    settings = portal.settings
    with stores.database.read() as conn:
        known = names_in_records(conn, stores, portal.portal_id, records)
    found = []
    for record in records:
        mirrored, person = mirror_record(
            record,
            settings.property_map,
            settings.read_free_text,
            labels_of(portal, record.object_type),
            own_read(settings),
            known,
            settings.currency_rates,
            portals.zone(portal),
        )
        found.append(Prepared(record, _with_addresses(stores, portal, record, mirrored), person))
    return found


def readable(stores: Stores, portal: Portal, records: Sequence[CrmRecord]) -> list[Prepared]:
    """The same for whoever reads everything: one record that meets a defect is logged and left out,
    until an event or a person asks for it."""
    found: list[Prepared] = []

    def left_out(record: CrmRecord, defect: Defect) -> None:
        log.error(
            "record_left_out",
            portal_id=portal.portal_id,
            type=record.object_type,
            object_id=record.object_id,
            problem=str(defect),
        )

    halving(
        "record",
        portal.portal_id,
        records,
        lambda some: found.extend(prepared(stores, portal, some)),
        left_out,
    )
    return found


def _with_addresses(
    stores: Stores, portal: Portal, record: CrmRecord, mirrored: MirrorRecord
) -> MirrorRecord:
    """With keyed hashes of a contact's addresses, or of an email's sender: a reply is credited to
    who wrote it, and no address is kept."""
    if record.object_type == "contacts":
        more = (record.properties.get("hs_additional_emails") or "").split(";")
        fact, addresses = EMAILS, [record.properties.get("email") or "", *more[:ADDRESSES_MAX]]
    elif record.object_type == "emails":
        fact, addresses = SENDER, [sender_of(record.properties)]
    else:
        return mirrored
    words = [one for one in (address.strip().casefold() for address in addresses) if one]
    macs = person_words.macs_of(stores.settings.session_secret, portal.portal_id, words)
    return replace(mirrored, facts={**mirrored.facts, fact: " ".join(macs)}) if macs else mirrored


def keep_contacts(
    conn: Connection, stores: Stores, portal: Portal, contacts: Sequence[Prepared]
) -> None:
    """Store allow-listed facts, who the contact is in an encrypted column, and its companies and
    deals. A contact that is to stay forgotten is left out, whoever else is seen here is alive:
    no suspicion and no tombstone of ours stands against it any more."""
    kept = []
    people = {}
    words = {}
    erased = _erased(conn, stores, portal, [each.record.object_id for each in contacts])
    shown = [
        each
        for each in contacts
        if each.record.object_id not in erased and not each.record.archived
    ]
    alive = [each.record for each in shown]
    _seen_alive(conn, stores, portal.portal_id, [record.object_id for record in alive])
    for each in shown:
        record, person = each.record, each.person
        kept.append(each.mirrored)
        if person is not None:
            people[record.object_id] = people_rows.seal(
                stores.cipher,
                portal.portal_id,
                people_rows.of_contact(record.object_id),
                person,
            )
            words[record.object_id] = person_words.macs_of(
                stores.settings.session_secret, portal.portal_id, person_words.words_of(person)
            )
    mirror.save(conn, portal.portal_id, kept)
    ids = [record.object_id for record in alive]
    with records.left_marked(conn, portal, ids, stores.clock.now()):
        for kind in LINKED:
            links = {record.object_id: record.associations.get(kind, ()) for record in alive}
            mirror.relink(conn, portal.portal_id, kind, links)
    due_leads.set_people(conn, portal.portal_id, people)
    person_words.put(conn, portal.portal_id, words)


def keep_others(
    conn: Connection, stores: Stores, portal: Portal, others: Sequence[Prepared]
) -> None:
    """Store companies, deals, activities or lead records; the last two are linked to their
    contacts, and a lead record to no other contact than HubSpot now says.

    An erased contact is linked to nothing, and an activity of nobody else is forgotten.
    """
    portal_id = portal.portal_id
    links = [
        (contact_id, record.object_type, record.object_id)
        for record in (each.record for each in others)
        if record.object_type in OF_CONTACTS
        for contact_id in record.associations.get("contacts", ())
    ]
    erased = _erased(conn, stores, portal, [contact_id for contact_id, *_ in links])
    alive = [one for one in links if one[0] not in erased]
    theirs = {one[1:] for one in links} - {one[1:] for one in alive}
    mirrored = [each.mirrored for each in others]
    kept = [each for each in mirrored if (each.object_type, each.object_id) not in theirs]
    mirror.save(conn, portal_id, kept)
    lead_ids = [each.record.object_id for each in others if each.record.object_type == "leads"]
    mirror.unlink(conn, portal_id, "leads", lead_ids)
    mirror.link(conn, portal_id, alive)
    records.mark_leads(conn, portal, lead_ids, stores.clock.now())
    for object_type, object_id in theirs:
        mirror.forget(conn, portal_id, object_type, [object_id])


def _erased(
    conn: Connection, stores: Stores, portal: Portal, contact_ids: Sequence[str]
) -> set[str]:
    tombstones.hold(conn, portal.portal_id)
    macs = {stores.tombstone_mac(portal.portal_id, each): each for each in contact_ids}
    found = tombstones.present(conn, portal.portal_id, list(macs), tombstones.FOR_EVER)
    return {macs[mac] for mac in found}


def _seen_alive(
    conn: Connection, stores: Stores, portal_id: int, contact_ids: Sequence[str]
) -> None:
    macs = [stores.tombstone_mac(portal_id, each) for each in contact_ids]
    ours = tombstones.RESTORABLE - tombstones.FOR_EVER
    tombstones.clear(conn, portal_id, macs, ours)
    missing_contacts.clear(conn, portal_id, contact_ids)


def wanted(portal: Portal, object_type: str) -> tuple[str, ...]:
    """The properties to ask HubSpot for: the allow-list and what the portal mapped or opted in."""
    settings = portal.settings
    return properties_for(
        object_type, settings.property_map, settings.read_free_text, own_read(settings)
    )


def with_contacts(record: CrmRecord, contacts: Sequence[str]) -> CrmRecord:
    """An activity as it comes from a batch read, with the contacts read separately."""
    return replace(record, associations={"contacts": tuple(contacts)})
