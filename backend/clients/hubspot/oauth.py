"""HubSpot's authorisation endpoints: everything in the body, nothing in the URL.

Source: manage-oauth-tokens guide; `/oauth/2026-09/token` has the shape of the 2026-03 one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

from pydantic import BaseModel, ValidationError

from backend.clients.http import Http
from backend.clients.hubspot.errors import error_of, oauth_error_of
from backend.errors import Transient
from backend.ports import Clock, Tokens

# Every scope with the call that needs it. Asked for at install; what is not here is not used.
REQUIRED_SCOPES: Mapping[str, str] = {
    "oauth": "account details, uninstall",
    "crm.objects.contacts.read": "contacts, and calls, meetings, notes and tasks",
    "crm.objects.contacts.write": "ai_lead_* values and follow-up tasks",
    "crm.objects.companies.read": "company facts",
    "crm.objects.deals.read": "deal history and outcomes",
    "crm.schemas.contacts.read": "find our own properties",
    "crm.schemas.contacts.write": "create our own properties",
    "crm.objects.owners.read": "owner names and task owners",
}
# A refused one switches its feature off, visibly.
OPTIONAL_SCOPES: Mapping[str, str] = {
    "crm.schemas.companies.read": "labels of your own company properties",
    "crm.lists.read": "priority, follow-up and nurture lists",
    "crm.lists.write": "membership of those lists",
    "sales-email-read": "logged emails as engagement",
    "automation": "answering the workflow action later",
    "crm.objects.companies.write": "ai_account_* values on companies",
    "crm.schemas.companies.write": "create our own company properties",
    "crm.objects.deals.write": "ai_deal_score_* values on deals",
    "crm.schemas.deals.read": "find our own deal properties",
    "crm.schemas.deals.write": "create our own deal properties",
    "crm.objects.leads.read": "lead records: whose they are, and what became of them",
    "crm.objects.leads.write": "score, fit and action on lead records",
}
# What scores on another type of object than contacts need.
RECORD_SCOPES: Mapping[str, tuple[str, ...]] = {
    "companies": (
        "crm.schemas.companies.read",
        "crm.schemas.companies.write",
        "crm.objects.companies.write",
    ),
    "deals": ("crm.schemas.deals.read", "crm.schemas.deals.write", "crm.objects.deals.write"),
    "leads": ("crm.objects.leads.read", "crm.objects.leads.write"),
}


@dataclass(frozen=True, slots=True)
class Granted:
    """What an installation gave: whose portal, by whom, and the tokens."""

    portal_id: int
    user_id: str
    tokens: Tokens


class _TokenAnswer(BaseModel):
    access_token: str
    refresh_token: str
    expires_in: int
    hub_id: int | None = None
    user_id: int | None = None
    scopes: list[str] = []


class _Introspection(BaseModel):
    active: bool = False
    hub_id: int | None = None
    user_id: int | None = None
    scopes: list[str] = []


class HubSpotOAuth:
    """Trades codes and refresh tokens."""

    def __init__(
        self,
        *,
        api_base: str,
        authorize_base: str,
        version: str,
        client_id: str,
        client_secret: str,
        http: Http,
        clock: Clock,
    ) -> None:
        self._token_url = f"{api_base}/oauth/{version}/token"
        self._uninstall_url = f"{api_base}/appinstalls/{version}/external-install"
        self._authorize_url = f"{authorize_base}/oauth/authorize"
        self._client_id = client_id
        self._client_secret = client_secret
        self._http = http
        self._clock = clock

    def authorize_url(self, *, redirect_uri: str, state: str) -> str:
        """Where the admin's browser goes to consent; spaces travel as %20."""
        values = {
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(REQUIRED_SCOPES),
            "optional_scope": " ".join(OPTIONAL_SCOPES),
            "state": state,
        }
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in values.items())
        return f"{self._authorize_url}?{query}"

    def exchange(self, code: str, *, redirect_uri: str) -> Granted:
        """Raises NeedsReconnect for a used or expired code, Transient when HubSpot is unwell."""
        answer = self._token(
            {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        )
        tokens = self._tokens(answer, answer.scopes)
        if answer.hub_id is not None and answer.user_id is not None and answer.scopes:
            return Granted(answer.hub_id, str(answer.user_id), tokens)
        seen = self._introspect(answer.access_token)
        if seen.hub_id is None:
            raise Transient("HubSpot did not say which account granted access")
        return Granted(
            seen.hub_id, str(seen.user_id or ""), self._tokens(answer, seen.scopes or answer.scopes)
        )

    def refresh(self, refresh_token: str) -> Tokens:
        """Raises NeedsReconnect when the refresh token is refused."""
        answer = self._token({"grant_type": "refresh_token", "refresh_token": refresh_token})
        scopes = answer.scopes or self._introspect(answer.access_token).scopes
        return self._tokens(answer, scopes)

    def revoke(self, refresh_token: str) -> None:
        """Make a refresh token worthless, and the access tokens it gave. Raises Transient."""
        self._post(
            f"{self._token_url}/revoke",
            {"token": refresh_token, "token_type_hint": "refresh_token"},
        )

    def introspects(self, access_token: str) -> bool:
        """Whether the introspection endpoint knows this token. Raises Transient."""
        return self._introspect(access_token).hub_id is not None

    def uninstall(self, access_token: str) -> None:
        """Remove the app from the portal. Raises Transient or Permanent."""
        answer = self._http.send(
            "DELETE", self._uninstall_url, headers={"Authorization": f"Bearer {access_token}"}
        )
        error = error_of(answer, "uninstall")
        if error is not None:
            raise error

    def _token(self, form: Mapping[str, str]) -> _TokenAnswer:
        body = self._post(self._token_url, form)
        try:
            return _TokenAnswer.model_validate(body)
        except ValidationError:
            raise Transient("token endpoint: HubSpot's answer has an unexpected shape") from None

    def _introspect(self, access_token: str) -> _Introspection:
        # The specification names the field `token`, the guide names it after its hint: send both.
        body = self._post(
            f"{self._token_url}/introspect",
            {
                "token_type_hint": "access_token",
                "token": access_token,
                "access_token": access_token,
            },
        )
        try:
            return _Introspection.model_validate(body)
        except ValidationError:
            raise Transient("introspection: HubSpot's answer has an unexpected shape") from None

    def _post(self, url: str, form: Mapping[str, str]) -> object:
        credentials = {"client_id": self._client_id, "client_secret": self._client_secret}
        answer = self._http.send("POST", url, form={**credentials, **form})
        error = oauth_error_of(answer)
        if error is not None:
            raise error
        return answer.json

    def _tokens(self, answer: _TokenAnswer, scopes: Sequence[str]) -> Tokens:
        return Tokens(
            access_token=answer.access_token,
            refresh_token=answer.refresh_token,
            expires_at=self._clock.now() + timedelta(seconds=answer.expires_in),
            scopes=tuple(scopes),
        )
