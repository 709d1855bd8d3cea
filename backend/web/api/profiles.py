"""Profiles: uploaded, previewed, put to use, taken back; suggestions from won clients."""

from __future__ import annotations

from base64 import b64decode
from datetime import datetime
from typing import Any

from pydantic import Field

from backend.errors import BadInput, Conflict, UnmatchedColumns
from backend.jobs import reports
from backend.model import PROFILE_FIELDS, IdealClient
from backend.scoring.points.profile_csv import SHOWN_PROBLEMS, TITLES
from backend.scoring.text.plain_text import visible
from backend.scoring.values.words import shown
from backend.security.roles import Permission
from backend.services.learning import profile_changes
from backend.storage import runs
from backend.storage.learning import profiles
from backend.storage.runs import REPORT
from backend.web.api.framework.endpoints import Call, Routes
from backend.web.api.framework.people import actor_names
from backend.web.api.framework.shapes import Line, Nothing, PageQuery, Shape, Whole
from backend.web.api.questions import Begun, begun
from backend.web.api.settings import FieldName

routes = Routes()
PORTAL = "/portals/<int:portal_id>/profiles"
VERSION = f"{PORTAL}/<version:version>"
UPLOAD_MAX = 900_000  # characters; larger files go through `flask profiles import`
CLIENTS_SHOWN = 200


class ProfileRow(Shape):
    """One version. `state` is draft, active or retired."""

    version: int
    state: str
    clients: int
    source: str
    made_by: str
    created_at: datetime


class Profiles(Shape):
    """Newest first. `active` is 0 before the first; `columns` are what a file must have."""

    active: int
    columns: list[str]
    versions: list[ProfileRow]


class ClientRow(Shape):
    """One ideal client as a person reads it."""

    client_id: str
    name: str
    industry: str
    company_size: str
    revenue_range: str
    location: str
    technologies: str
    budget_range: str


class Clients(Shape):
    """The first clients of a version, and how many there are."""

    version: int
    state: str
    total: int
    items: list[ClientRow]


class Upload(Shape):
    """A CSV file as text, or any file as bytes in base64 (`file`). `skip_invalid` stores the good
    rows of a file with bad ones; `columns` is by field the title of its column, "" where the file
    has none, for titles that are not known."""

    name: Line
    content: str = Field(default="", max_length=UPLOAD_MAX)
    file: str = Field(default="", max_length=UPLOAD_MAX)
    skip_invalid: bool = False
    columns: dict[FieldName, Line] = Field(default_factory=dict)


class FileColumn(Shape):
    """A column of a file with its first values."""

    title: str
    examples: list[str]


class Titled(Shape):
    """A field of the profile and its usual title."""

    field: str
    title: str


class Unmatched(Shape):
    """Fields whose column nobody knows by its title, and the columns to choose from."""

    missing: list[Titled]
    columns: list[FileColumn]


class Uploaded(Shape):
    """`version` is 0 when nothing was stored; `problems` has one line per place and cure, and
    `unmatched` asks which columns are which."""

    version: Whole
    accepted: int
    refused: int
    problems: list[str]
    warnings: list[str] = Field(default_factory=list)  # of a file that was stored
    unmatched: Unmatched | None = None


class Activated(Shape):
    """`rescoring`: every lead is being scored again."""

    version: Whole
    rescoring: bool


class Accepted(Shape):
    """Suggested clients, by the ids of the suggestion."""

    client_ids: list[Line] = Field(min_length=1, max_length=500)


@routes.get(PORTAL, needs=Permission.READ_REPORTS, answer=Profiles)
def list_profiles(call: Call[Nothing, Nothing]) -> Profiles:
    """Every version."""
    with call.product.stores.database.read() as conn:
        versions = profiles.listed(conn, call.portal_id)
        made_by = actor_names(conn, call.product.stores.cipher, [one.made_by for one in versions])
    rows = [
        ProfileRow(
            version=one.version,
            state=one.state,
            clients=one.rows,
            source=visible(one.source),
            made_by=made_by[one.made_by],
            created_at=one.created_at,
        )
        for one in versions
    ]
    active = next((row.version for row in rows if row.state == "active"), 0)
    return Profiles(active=active, columns=list(TITLES.values()), versions=rows)


@routes.get(VERSION, needs=Permission.READ_REPORTS, query=PageQuery, answer=Clients)
def read_profile_version(call: Call[PageQuery, Nothing]) -> Clients:
    """The ideal clients of a version."""
    number = int(call.path["version"])
    with call.product.stores.database.read() as conn:
        profile = profiles.version(conn, call.portal_id, number)
        states = {one.version: one.state for one in profiles.listed(conn, call.portal_id)}
    return Clients(
        version=number,
        state=states[number],
        total=len(profile.clients),
        items=[_client(client) for client in profile.clients[:CLIENTS_SHOWN]],
    )


@routes.post(PORTAL, needs=Permission.EDIT_PROFILE, body=Upload, answer=Uploaded)
def upload(call: Call[Nothing, Upload]) -> Uploaded:
    """Check a file row by row, and store it as a draft; it is not in use before it is activated."""
    stores = call.product.stores
    try:
        found = profile_changes.import_file(
            stores.database,
            stores.clock,
            call.portal_id,
            _bytes_of(call.body),
            source=call.body.name,
            actor=call.caller.subject,
            skip_invalid=call.body.skip_invalid,
            columns={str(field): title for field, title in call.body.columns.items()},
        )
    except UnmatchedColumns as error:
        return Uploaded(
            version=0, accepted=0, refused=0, problems=[str(error)], unmatched=_unmatched(error)
        )
    except BadInput as error:  # no table, or without the six columns
        told = list(error.problems) or [str(error)]
        return Uploaded(version=0, accepted=0, refused=0, problems=told)
    return Uploaded(
        version=found.version,
        accepted=found.accepted,
        refused=found.refused,
        problems=list(found.problems[:SHOWN_PROBLEMS]),
        warnings=list(found.warnings) if found.version else [],
    )


@routes.post(f"{VERSION}/preview", needs=Permission.EDIT_PROFILE, answer=Begun, status=202)
def preview(call: Call[Nothing, Nothing]) -> Begun:
    """Every current lead under this version: bands, migration, examples, cost."""
    version = int(call.path["version"])
    with call.product.stores.database.write() as conn:
        profiles.version(conn, call.portal_id, version)
        now = call.product.stores.clock.now()
        run = reports.begin(conn, call.portal_id, "profile_preview", now, {"version": version})
    return begun(call, run)


@routes.post(f"{VERSION}/activate", needs=Permission.EDIT_PROFILE, answer=Activated)
def activate(call: Call[Nothing, Nothing]) -> Activated:
    """Compare leads with this version from now on, and score every lead again."""
    version = int(call.path["version"])
    actor = call.caller.subject
    rescoring = profile_changes.activate(call.product.stores, call.portal_id, version, actor=actor)
    return Activated(version=version, rescoring=rescoring)


@routes.post(f"{PORTAL}/suggestions", needs=Permission.EDIT_PROFILE, answer=Begun, status=202)
def suggest(call: Call[Nothing, Nothing]) -> Begun:
    """Look for ideal clients among the won leads."""
    with call.product.stores.database.write() as conn:
        run = reports.begin(conn, call.portal_id, "suggest", call.product.stores.clock.now(), {})
    return begun(call, run)


@routes.post(
    f"{PORTAL}/suggestions/accept", needs=Permission.EDIT_PROFILE, body=Accepted, answer=Uploaded
)
def accept(call: Call[Nothing, Accepted]) -> Uploaded:
    """A draft of the active clients and these suggested ones."""
    with call.product.stores.database.read() as conn:
        run = runs.latest(conn, call.portal_id, "suggest")
        active = profiles.active(conn, call.portal_id)
    report = run.position.get(REPORT) if run is not None else None
    if report is None:
        raise Conflict("there are no suggestions: ask for them first")
    offered = {one["client_id"]: one for one in report["clients"]}
    unknown = [client_id for client_id in call.body.client_ids if client_id not in offered]
    if unknown:
        raise Conflict(f"client_ids: {len(unknown)} of them are not among the suggestions")
    have = {client.client_id for client in active.clients}
    added = [
        _suggested(offered[client_id])
        for client_id in dict.fromkeys(call.body.client_ids)
        if client_id not in have
    ]
    if not added:
        raise Conflict("client_ids: all of them are in the active profile already")
    version = profile_changes.store(
        call.product.stores.database,
        call.product.stores.clock,
        call.portal_id,
        (*active.clients, *added),
        source="suggestions from won leads",
        actor=call.caller.subject,
    )
    return Uploaded(version=version, accepted=len(added), refused=0, problems=[])


def _bytes_of(body: Upload) -> bytes:
    try:
        return b64decode(body.file, validate=True) if body.file else body.content.encode()
    except ValueError:
        raise BadInput("file: is not base64") from None


def _unmatched(error: UnmatchedColumns) -> Unmatched:
    return Unmatched(
        missing=[Titled(field=field, title=TITLES[field]) for field in error.missing],
        columns=[
            FileColumn(title=visible(title), examples=[visible(one) for one in examples])
            for title, examples in error.columns.items()
        ],
    )


def _suggested(found: dict[str, Any]) -> IdealClient:
    values = {name: found[name] for name in PROFILE_FIELDS}
    values["technologies"] = tuple(found["technologies"])
    return IdealClient(client_id=found["client_id"], **values)


def _client(client: IdealClient) -> ClientRow:
    return ClientRow(
        client_id=visible(client.client_id),
        name=visible(client.name),
        industry=shown("industry", client.industry),
        company_size=client.company_size,
        revenue_range=client.revenue_range,
        location=shown("location", client.location),
        technologies=", ".join(shown("technologies", one) for one in client.technologies),
        budget_range=client.budget_range,
    )
