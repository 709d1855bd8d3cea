"""Questions to a live account, one line of answer each; nothing personal is read or kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from backend.clients.http import Http
from backend.clients.hubspot.api import HubSpotApi
from backend.clients.hubspot.oauth import OPTIONAL_SCOPES, REQUIRED_SCOPES, HubSpotOAuth
from backend.errors import LeadlightError, UnknownPath

SKEW_MAX_S = 60.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was asked, "ok", "off" (a feature is switched off), "open" (nobody could
    answer it yet) or "wrong", and why."""

    question: str
    verdict: str
    answer: str


class HubSpotProbe:
    """What set-up could not know before it spoke to the real account. `names` are those of our
    properties there, by type of object."""

    def __init__(
        self,
        api: HubSpotApi,
        oauth: HubSpotOAuth,
        http: Http,
        base_url: str,
        names: Mapping[str, Sequence[str]],
    ) -> None:
        self._names = names
        self._api = api
        self._oauth = oauth
        self._http = http
        self._base_url = base_url

    def ask(
        self, scopes: Sequence[str], lists: Mapping[str, str], token: str, now: datetime
    ) -> list[Finding]:
        """All questions; a failing one is a finding, never an exception."""
        questions: Iterable[tuple[str, Callable[[], Finding]]] = (
            ("account", self._account),
            *((f"properties of {kind}", self._properties(kind)) for kind in self._names),
            *((f"list {route}", self._list(route, list_id)) for route, list_id in lists.items()),
            *((f"read {kind}", self._readable(kind)) for kind in _KINDS),
            ("property history", self._history),
            ("search", self._search),
            ("token introspection", lambda: self._introspection(token)),
            ("clock", lambda: self._clock(now)),
        )
        return [*_scopes(scopes), *(self._safely(name, ask) for name, ask in questions)]

    def make_contact(self, email: str) -> str:
        """The id of a contact made to be deleted. Raises Permanent or Transient."""
        body = self._api.call(
            "POST",
            f"/crm/objects/{self._api.version}/contacts",
            json={"properties": {"email": email, "lastname": "Leadlight connection check"}},
            repeatable=False,
        )
        return str(body["id"])

    def delete_contact(self, contact_id: str) -> None:
        """Into HubSpot's recycle bin. Raises Permanent or Transient."""
        self._api.call("DELETE", f"/crm/objects/{self._api.version}/contacts/{contact_id}")

    @staticmethod
    def _safely(name: str, ask: Callable[[], Finding]) -> Finding:
        try:
            return ask()
        except LeadlightError as error:
            verdict = "off" if error.code == "missing_scopes" else "wrong"
            return Finding(name, verdict, str(error))

    def _account(self) -> Finding:
        body = self._api.call("GET", f"/account-info/{self._api.version}/details")
        return Finding("account", "ok", f"{body.get('accountType')} in {body.get('timeZone')}")

    def _properties(self, kind: str) -> Callable[[], Finding]:
        def ask() -> Finding:
            question, names = f"properties of {kind}", self._names[kind]
            body = self._api.call("GET", f"/crm/properties/{self._api.version}/{kind}")
            missing = set(names) - {item["name"] for item in body["results"]}
            if missing:
                return Finding(question, "wrong", f"missing: {', '.join(sorted(missing))}")
            return Finding(question, "ok", f"all {len(names)} are there")

        return ask

    def _list(self, route: str, list_id: str) -> Callable[[], Finding]:
        def ask() -> Finding:
            try:
                self._api.call("GET", f"/crm/lists/{self._api.version}/{list_id}")
            except UnknownPath:
                return Finding(f"list {route}", "wrong", "deleted: run `portals setup`")
            return Finding(f"list {route}", "ok", f"list {list_id}")

        return ask

    def _readable(self, kind: str) -> Callable[[], Finding]:
        def ask() -> Finding:
            body = self._api.call(
                "GET", f"/crm/objects/{self._api.version}/{kind}", params={"limit": "1"}
            )
            found = "has some" if body.get("results") else "has none yet"
            return Finding(f"read {kind}", "ok", found)

        return ask

    def _history(self) -> Finding:
        body = self._api.call(
            "GET",
            f"/crm/objects/{self._api.version}/contacts",
            params={"limit": "1", "propertiesWithHistory": "lifecyclestage"},
        )
        results = body.get("results") or []
        if not results:
            return Finding("property history", "ok", "no contact to ask about yet")
        has = "propertiesWithHistory" in results[0]
        answer = "is answered" if has else "is not in the answer"
        return Finding("property history", "ok" if has else "wrong", answer)

    def _search(self) -> Finding:
        body = self._api.call(
            "POST",
            f"/crm/objects/{self._api.version}/contacts/search",
            json={"limit": 1, "properties": ["hs_object_id"]},
            search=True,
        )
        return Finding("search", "ok", f"{body.get('total', 0)} contacts")

    def _introspection(self, token: str) -> Finding:
        knows = self._oauth.introspects(token)
        answer = "names the account" if knows else "does not name the account of a token"
        return Finding("token introspection", "ok" if knows else "wrong", answer)

    def _clock(self, now: datetime) -> Finding:
        answer = self._http.send("GET", f"{self._base_url}/account-info/")
        stamp = answer.headers.get("date")
        if not stamp:
            return Finding("clock", "wrong", "HubSpot's answer has no Date header")
        skew = (now - parsedate_to_datetime(stamp).astimezone(UTC)).total_seconds()
        verdict = "ok" if abs(skew) <= SKEW_MAX_S else "wrong"
        return Finding("clock", verdict, f"this machine is {skew:+.0f} s from HubSpot")


_KINDS = (
    "contacts",
    "companies",
    "deals",
    "leads",
    "calls",
    "emails",
    "meetings",
    "notes",
    "tasks",
)


def _scopes(granted: Sequence[str]) -> list[Finding]:
    have = set(granted)
    found = []
    for scope, need in REQUIRED_SCOPES.items():
        verdict = "ok" if scope in have else "wrong"
        found.append(Finding(f"scope {scope}", verdict, need))
    for scope, need in OPTIONAL_SCOPES.items():
        verdict = "ok" if scope in have else "off"
        answer = need if scope in have else f"refused, so switched off: {need}"
        found.append(Finding(f"scope {scope}", verdict, answer))
    return found
