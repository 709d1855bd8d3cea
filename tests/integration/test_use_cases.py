"""Each use case through all of its faces: the same result, refusal and row on the audit trail."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from flask import Flask

from backend.cli.app import register
from backend.cli.common.progress import RunFailed
from backend.cli.common.session import CliSession
from backend.model import Mode, PortalSettings
from backend.security.roles import Role
from backend.services import settings
from backend.storage import runs
from backend.storage.access import api_keys, user_invitations, users
from backend.storage.leads import due_leads
from backend.storage.learning import profiles
from backend.storage.portals import portals
from backend.storage.tables.access import audit
from backend.storage.tables.leads import rescores
from backend.web.card.routes import Refused, ask_rescore
from backend.web.hubspot.signed import SignedCaller
from tests.integration.api.conftest import ON_SQLITE, Desk
from tests.integration.conftest import PORTAL, Connected

SETTINGS = f"/portals/{PORTAL}/settings"
HEADER = "Industry,Company size,Revenue range,Location,Technologies,Budget range"
CSV = f"{HEADER}\nBanking,51-200,$1M,Germany,AWS,$1k\n"
Row = tuple[str, str, dict[str, Any]]


@dataclass
class Faces:
    """An admin at the API, an operator at the command line, and the trail that both leave."""

    connected: Connected
    desk: Desk
    token: str

    @property
    def stores(self) -> Any:
        return self.connected.product.stores

    def api(self, method: str, path: str, body: Any = None, status: int | None = None) -> Any:
        answer = self.desk.ask(method, path, self.token, body)
        if status is None:
            assert answer.status_code < 300, answer.text
        else:
            assert answer.status_code == status, answer.text
        return answer.get_json()

    def cli(self, *arguments: str, portal: bool = True) -> Result:
        app, session = Flask("cli"), CliSession({})
        session.__dict__["product"] = self.connected.product  # wired already
        register(app, lambda: session)
        where = ["--portal", str(PORTAL)] if portal else []
        return CliRunner().invoke(app.cli, [*arguments, *where])

    def trail(self, act: Callable[[], object]) -> list[Row]:
        """What an act leaves: (action, what about, detail); numbers of rows are left out."""
        with self.stores.database.read() as conn:
            last = conn.execute(sa.select(sa.func.max(audit.c.seq))).scalar_one() or 0
        act()
        with self.stores.database.read() as conn:
            found = conn.execute(sa.select(audit).where(audit.c.seq > last).order_by("seq")).all()
        return [(r.action, re.sub(r":.*", "", r.subject), dict(r.detail)) for r in found]

    def settings(self) -> Any:
        with self.stores.database.read() as conn:
            return portals.get(conn, PORTAL).settings

    def keep(self, settings: Any) -> None:
        with self.stores.database.write() as conn:
            portals.set_settings(conn, PORTAL, settings)
            for run in runs.of_portal(conn, PORTAL, running=True):
                runs.finish(conn, run, self.stores.clock.now())

    def running(self) -> set[str]:
        with self.stores.database.read() as conn:
            return {run.kind for run in runs.of_portal(conn, PORTAL, running=True)}


@pytest.fixture
def faces(connected: Connected, monkeypatch: pytest.MonkeyPatch) -> Iterator[Faces]:
    def fails(*_: object, **__: object) -> None:
        raise RunFailed("nobody works in this test")

    for module in ("portals.portals", "leads.scoring", "learning.portal_models"):
        monkeypatch.setattr(f"backend.cli.{module}.follow", fails)
    monkeypatch.setattr("backend.cli.learning.own_properties.wait_for", fails)
    monkeypatch.setattr("backend.cli.leads.scoring.need_workers", lambda _: None)
    desk = Desk(connected.product, connected.app, connected.product.stores.clock)  # type: ignore[arg-type]
    yield Faces(connected, desk, desk.token(desk.person("admin", PORTAL)))


def with_settings(faces: Faces, **changes: Any) -> Any:
    """A body that the API takes: as it is, but for these."""
    found = faces.api("GET", SETTINGS)
    names = ("thresholds", "eligibility", "property_map", "read_free_text", "learn_from", "routing")
    names += ("daily_ai_calls", "daily_ai_usd")
    names += ("property_prefix", "use_existing", "without_properties")
    body = {name: copy.deepcopy(found[name]) for name in names}
    for name, value in changes.items():
        body[name] = body[name] | value if isinstance(value, dict) else value
    return body


@pytest.mark.parametrize(
    ("changes", "arguments", "begins"),
    [
        (
            {"thresholds": {"high": 70, "medium": 45}},
            ("portals", "thresholds", "70", "45"),
            {"backfill"},
        ),
        ({"routing": {"digest_above": 7}}, ("portals", "settings", "digest-above=7"), set()),
        (
            {"property_map": {"budget_range": "annualrevenue"}},
            ("portals", "setup", "--map", "budget_range=annualrevenue"),
            {"pull"},
        ),
    ],
)
@ON_SQLITE
def test_a_setting_is_one_change_whoever_makes_it(
    faces: Faces, changes: Any, arguments: tuple[str, ...], begins: set[str]
) -> None:
    before = faces.settings()
    by_api = faces.trail(lambda: faces.api("PUT", SETTINGS, with_settings(faces, **changes)))
    after, begun = faces.settings(), faces.running()
    faces.keep(before)
    by_command = faces.trail(lambda: faces.cli(*arguments))
    assert faces.settings() == after != before
    assert begun == begins <= faces.running()
    assert [row for row in by_command if row[0] != "run.begin"] == by_api
    assert [row[0] for row in by_api] == ["portal.settings"]
    assert set(by_api[0][2]) == set(changes)


@pytest.mark.parametrize(
    ("changes", "arguments"),
    [
        ({"thresholds": {"high": 40, "medium": 60}}, ("portals", "thresholds", "40", "60")),
        (
            {"property_map": {"industry": "email"}},
            ("portals", "setup", "--map", "industry=email"),
        ),
        ({"property_prefix": "9-"}, ("portals", "setup", "--prefix", "9-")),
    ],
)
@ON_SQLITE
def test_a_setting_that_breaks_a_rule_is_refused_by_every_face_in_the_same_words(
    faces: Faces, changes: Any, arguments: tuple[str, ...]
) -> None:
    before = faces.settings()
    told = faces.api("PUT", SETTINGS, with_settings(faces, **changes), status=409)["message"]
    refused = faces.cli(*arguments)
    assert refused.exit_code == 2
    assert told in refused.stderr
    assert faces.settings() == before
    assert faces.running() == set()


@ON_SQLITE
def test_a_setting_that_changes_meanwhile_is_kept(faces: Faces) -> None:
    """HubSpot may be asked between reading and writing; somebody else saves in that time."""
    calls = 0

    def wanted(before: PortalSettings) -> PortalSettings:
        nonlocal calls
        calls += 1
        if calls == 1:
            faces.keep(replace(faces.settings(), learn_from=("contacts.interest",)))
        return replace(before, daily_ai_calls=7)

    settings.change(faces.connected.product, PORTAL, wanted, actor="t")
    after = faces.settings()
    assert (after.daily_ai_calls, after.learn_from) == (7, ("contacts.interest",))


@ON_SQLITE
def test_a_notification_address_is_a_setting_like_any_other(faces: Faces) -> None:
    url, before = "https://hooks.example.com/services/T0/B0/xyzzy", faces.settings()
    by_api = faces.trail(lambda: faces.api("PUT", f"{SETTINGS}/notifications", {"url": url}))
    faces.keep(before)
    by_command = faces.trail(lambda: faces.cli("portals", "settings", f"notification-url={url}"))
    assert by_api == by_command
    assert [row[0] for row in by_api] == ["portal.settings"]
    assert by_api[0][2]["routing"]["after"]["notification_url"] == "set"
    assert "xyzzy" not in str(by_api)
    bad = "https://10.0.0.1/x"
    told = faces.api("PUT", f"{SETTINGS}/notifications", {"url": bad}, status=409)["message"]
    assert told in faces.cli("portals", "settings", f"notification-url={bad}").stderr


@ON_SQLITE
def test_a_paused_portal_gives_every_face_the_same_refusal_at_once(faces: Faces) -> None:
    contact_id = sorted(faces.connected.scores())[3]
    path = f"/portals/{PORTAL}/leads/{contact_id}/rescore"
    faces.keep(replace(faces.settings(), mode=Mode.PAUSED))
    told = faces.api("POST", path, status=409)
    assert told["code"] == "paused"
    with pytest.raises(Refused) as on_the_card:
        ask_rescore(faces.stores, SignedCaller(PORTAL, "7"), contact_id)
    card = on_the_card.value.failure.model_dump()
    assert card["code"] == "paused"
    for arguments in (("score", contact_id), ("score",), ("backfill",)):
        refused = faces.cli(*arguments)
        assert refused.exit_code == 1
        assert told["message"] in refused.stderr
    assert told["message"].lower() in card["message"].lower()
    run = faces.api("POST", f"/portals/{PORTAL}/runs", {"kind": "backfill"}, status=409)
    assert run["message"] == told["message"]
    with faces.stores.database.read() as conn:
        assert due_leads.unfinished(conn, PORTAL) == 0
        assert conn.execute(sa.select(rescores)).all() == []


def test_a_rescore_is_one_request_whoever_asks(
    faces: Faces, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = sorted(faces.connected.scores())[:3]
    monkeypatch.setattr("backend.cli.leads.scoring._wait", lambda *_: None)
    faces.api("POST", f"/portals/{PORTAL}/leads/{first}/rescore")
    ask_rescore(faces.stores, SignedCaller(PORTAL, "7"), second)
    assert faces.cli("score", third).exit_code == 0
    faces.cli("score", first)  # asked for already
    with faces.stores.database.read() as conn:
        asked = {r.contact_id: r for r in conn.execute(sa.select(rescores))}
        due = [due_leads.row(conn, PORTAL, one) for one in (first, second, third)]
    assert set(asked) == {first, second, third}
    assert [asked[one].requested_by.partition(":")[0] for one in (first, second, third)] == [
        "user",
        "hubspot",
        "cli",
    ]
    assert len({(row["urgency"], row["cause"], row["refresh"]) for row in due if row}) == 1
    faces.connected.run()
    assert faces.connected.unfinished() == 0


@ON_SQLITE
def test_a_portal_that_has_to_be_connected_again_is_refused_by_every_face(faces: Faces) -> None:
    contact_id = sorted(faces.connected.scores())[3]
    with faces.stores.database.write() as conn:
        portals.set_state(conn, PORTAL, "needs_reconnect")
    told = faces.api("POST", f"/portals/{PORTAL}/leads/{contact_id}/rescore", status=409)
    again = faces.api("PUT", f"{SETTINGS}/mode", {"mode": "paused"}, status=409)
    assert told["message"] == again["message"]
    for arguments in (("score", contact_id), ("portals", "mode", "paused"), ("portals", "pull")):
        refused = faces.cli(*arguments)
        assert refused.exit_code == 1
        assert told["message"] in refused.stderr


@ON_SQLITE
def test_nobody_waits_for_scores_before_the_first_pull_has_ended(faces: Faces) -> None:
    with faces.stores.database.write() as conn:
        conn.exec_driver_sql("UPDATE portals SET pulled_at = NULL")
    path = f"/portals/{PORTAL}/runs"
    told = faces.api("POST", path, {"kind": "backfill"}, status=409)["message"]
    for arguments in (("score",), ("score", sorted(faces.connected.scores())[0]), ("backfill",)):
        refused = faces.cli(*arguments)
        assert refused.exit_code == 1
        assert told in refused.stderr


@ON_SQLITE
def test_a_mode_is_one_change_whoever_makes_it(faces: Faces) -> None:
    body = {"mode": "paused"}
    by_api = faces.trail(lambda: faces.api("PUT", f"{SETTINGS}/mode", body))
    faces.keep(replace(faces.settings(), mode=Mode.SHADOW))
    by_command = faces.trail(lambda: faces.cli("portals", "mode", "paused"))
    detail = {"before": "shadow", "after": "paused"}
    assert by_api == by_command == [("portal.mode", "portal", detail)]
    seen = faces.api("GET", f"{SETTINGS}/preview")["preview"]
    body = {"mode": "live", "preview": seen}
    by_api = faces.trail(lambda: faces.api("PUT", f"{SETTINGS}/mode", body))
    faces.keep(faces.settings())
    by_command = faces.trail(lambda: faces.cli("portals", "mode", "live", "--yes"))
    assert by_api == by_command
    assert faces.running() == {"setup"}


def test_a_role_is_changed_the_same_way_and_the_last_admin_stays(faces: Faces) -> None:
    boss = faces.api("GET", f"/portals/{PORTAL}/users")["items"][0]
    told = faces.api(
        "PUT", f"/portals/{PORTAL}/users/{boss['user_id']}/role", {"role": "rep"}, status=409
    )
    refused = faces.cli("users", "create", "--email", boss["email"], "--role", "rep")
    assert refused.exit_code == 1
    assert told["message"] in refused.stderr
    with faces.stores.database.read() as conn:
        assert users.roles(conn, f"user:{boss['user_id']}") == {PORTAL: "admin"}
    subject = faces.desk.person("rep", PORTAL, email="rep@x.example")
    path = f"/portals/{PORTAL}/users/{subject.removeprefix('user:')}/role"
    by_api = faces.trail(lambda: faces.api("PUT", path, {"role": "auditor"}))
    faces.desk.person("rep", PORTAL, email="rep@x.example")
    said: list[Result] = []
    by_command = faces.trail(
        lambda: said.append(
            faces.cli("users", "create", "--email", "rep@x.example", "--role", "auditor")
        )
    )
    assert by_api == by_command == [("user.role", "user", {"before": "rep", "after": "auditor"})]
    assert "was rep in portal" in said[0].stderr
    assert "is now auditor" in said[0].stderr


@ON_SQLITE
def test_somebody_with_an_account_elsewhere_is_invited_by_either_face(faces: Faces) -> None:
    faces.desk.person("rep", PORTAL + 1, email="other@x.example")
    body = {"email": "other@x.example", "role": "manager"}
    by_api = faces.trail(lambda: faces.api("POST", f"/portals/{PORTAL}/users", body))
    by_command = faces.trail(
        lambda: faces.cli("users", "create", "--email", "other@x.example", "--role", "manager")
    )
    assert by_api == by_command == [("user.invite", "invitation", {"role": "manager"})]
    with faces.stores.database.read() as conn:
        now = faces.stores.clock.now()
        assert len(user_invitations.invitations(conn, PORTAL, now)) in (1, 2)


@pytest.mark.parametrize("role", [role.value for role in Role])
@ON_SQLITE
def test_a_key_is_made_and_revoked_the_same_way(faces: Faces, role: str) -> None:
    body = {"label": "a program", "role": role}
    path = f"/portals/{PORTAL}/api-keys"
    by_api = faces.trail(lambda: faces.api("POST", path, body))
    by_command = faces.trail(
        lambda: faces.cli("api-keys", "create", "--role", role, "--label", "a program")
    )
    assert by_api == by_command
    with faces.stores.database.read() as conn:
        made = api_keys.listed(conn, PORTAL)
    assert len({(one.role, one.label, one.revoked_at) for one in made}) == 1
    days = {round((one.expires_at - one.created_at).total_seconds()) for one in made}
    assert len(made) == 2
    assert len(days) == 1
    by_api = faces.trail(lambda: faces.api("DELETE", f"{path}/{made[0].prefix}"))
    by_command = faces.trail(lambda: faces.cli("api-keys", "revoke", made[1].prefix))
    assert by_api == by_command == [("api_key.revoke", "api-key", {})]
    told = faces.api("DELETE", f"{path}/{made[0].prefix}", status=404)["message"]
    assert told in faces.cli("api-keys", "revoke", made[0].prefix).stderr
    refused = faces.cli("api-keys", "create", "--role", role, "--days", "4000")
    assert refused.exit_code == 2


@ON_SQLITE
def test_a_link_to_connect_an_account_leaves_the_same_trace(faces: Faces) -> None:
    by_api = faces.trail(lambda: faces.api("POST", f"/portals/{PORTAL}/invitations"))
    by_command = faces.trail(lambda: faces.cli("portals", "invite", portal=False))
    assert by_api == by_command == [("portal.invite", "invitation", {})]


@ON_SQLITE
def test_a_profile_is_imported_and_used_the_same_way(faces: Faces, tmp_path: Path) -> None:
    file = tmp_path / "clients.csv"
    file.write_text(CSV)
    path = f"/portals/{PORTAL}/profiles"

    def by_browser() -> None:
        body = {"name": "clients.csv", "content": CSV}
        version = faces.api("POST", path, body)["version"]
        faces.api("POST", f"{path}/{version}/activate")

    by_api = faces.trail(by_browser)
    by_command = faces.trail(lambda: faces.cli("profiles", "import", str(file)))
    assert [row[:2] for row in by_api] == [row[:2] for row in by_command]
    assert by_api[0] == by_command[0]
    with faces.stores.database.read() as conn:
        stored = profiles.listed(conn, PORTAL)
    assert [(one.state, one.rows, one.source) for one in stored[:2]] == [
        ("active", 1, "clients.csv"),
        ("retired", 1, "clients.csv"),
    ]
    told = faces.api("POST", f"{path}/99/activate", status=404)["message"]
    assert told in faces.cli("profiles", "activate", "99").stderr


@ON_SQLITE
def test_models_are_trained_and_refused_the_same_way(faces: Faces) -> None:
    path = f"/portals/{PORTAL}/models"
    body = {"keep": ["industry"], "ignore": []}
    by_api = faces.trail(lambda: faces.api("POST", f"{path}/training", body))
    by_command = faces.trail(lambda: faces.cli("model", "train", "--keep", "industry"))
    assert by_api == by_command == [("model.train.begin", "run", body)]
    told = faces.api("POST", f"{path}/99/publish", {}, status=404)["message"]
    assert told in faces.cli("model", "publish", "99").stderr
    told = faces.api("POST", f"{path}/rollback", status=404)["message"]
    assert told in faces.cli("model", "rollback").stderr


@pytest.mark.parametrize(
    ("kind", "arguments"), [("backfill", ("backfill",)), ("pull", ("portals", "pull"))]
)
@ON_SQLITE
def test_long_work_is_begun_the_same_way(
    faces: Faces, kind: str, arguments: tuple[str, ...]
) -> None:
    path = f"/portals/{PORTAL}/runs"
    by_api = faces.trail(lambda: faces.api("POST", path, {"kind": kind}))
    by_command = faces.trail(lambda: faces.cli(*arguments))
    assert by_api == by_command == [("run.begin", "run", {"kind": kind})]
    assert faces.running() == {kind}


def test_what_failed_is_taken_up_the_same_way(faces: Faces) -> None:
    path = f"/portals/{PORTAL}/operations/replay"

    def by_browser() -> None:
        for what in ("leads", "writes", "routes"):
            faces.api("POST", path, {"what": what})

    def by_operator() -> None:
        faces.cli("leads", "replay")
        faces.cli("writes", "replay")

    by_api = faces.trail(by_browser)
    assert by_api == faces.trail(by_operator)
    assert [row[0] for row in by_api] == ["leads.replay", "writes.replay", "routes.replay"]


@ON_SQLITE
def test_an_erasure_is_asked_for_the_same_way(
    faces: Faces, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.cli.operations.privacy.need_workers", lambda _: None)
    monkeypatch.setattr("backend.cli.operations.privacy._finished", lambda _, asked: asked)
    contact_id = sorted(faces.connected.scores())[0]
    body = {"contact_id": contact_id, "confirmation": contact_id}
    by_api = faces.trail(lambda: faces.api("POST", f"/portals/{PORTAL}/erasures", body))
    by_command = faces.trail(lambda: faces.cli("privacy", "erase", "--yes", contact_id))
    assert by_api == by_command  # while it waits both are one receipt
    assert by_api[0][0] == "privacy.erase"
