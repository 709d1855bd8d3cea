"""Everything that can go wrong on purpose, in one place.

A client decides, from status *and* body, which of these a vendor's answer means; vendor exceptions
never leave `clients/`. Messages say what was wrong, where, and what to do; they never hold a token
or the text of a lead.
"""

from collections.abc import Mapping

# Why a provider failed, for metrics, health and alerts. The order is that of the documentation.
PROVIDER_CAUSES = (
    "key",
    "quota",
    "model",
    "request",
    "rate_limit",
    "timeout",
    "unreachable",
    "server",
    "bad_answer",
    "portal_cap",
    "left_alone",
    "other",
)


class LeadlightError(Exception):
    """Base of every expected failure. `code` is stable and safe to show.

    `cause` tells an operator's metrics why a provider failed, in a word of a closed list
    (PROVIDER_CAUSES). `used` is what was paid for nevertheless: calls, prompt tokens, completion
    tokens, millionths of a dollar.
    """

    code = "error"
    cause = "other"
    used: tuple[int, int, int, int] = (0, 0, 0, 0)


class Transient(LeadlightError):
    """May succeed later: network, 5xx, 429, half an answer. `retry_after_s`: the vendor's wish."""

    code = "transient"

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Outage(Transient):
    """Something that we run on is away or used up. `outage` is a word of `backend.outages`, `cure`
    says what an operator does about it. It is no fault of the work that met it: no try counts."""

    code = "outage"
    cause = "unreachable"

    def __init__(self, message: str, *, outage: str, cure: str, wait_s: float) -> None:
        super().__init__(message, retry_after_s=wait_s)
        self.outage = outage
        self.cure = cure


class OutcomeUnknown(Transient):
    """The request may or may not have taken effect: re-read before sending it again."""

    code = "outcome_unknown"


class DailyLimit(Transient):
    """The account has used up its calls of today: everything waits for its midnight."""

    code = "daily_limit"


class Permanent(LeadlightError):
    """Will fail again however often it is tried; a person has to change something.

    `causes` are the vendor's codes, each with the property it names ("" for none); `sentence` is
    what the vendor said, cleaned and bounded, for the administrator of the account.
    """

    code = "permanent"

    def __init__(
        self, message: str, *, causes: frozenset[tuple[str, str]] = frozenset(), sentence: str = ""
    ) -> None:
        super().__init__(message)
        self.causes = causes
        self.sentence = sentence


class NotFound(Permanent):
    """We hold no such object, or it belongs to somebody else. Never an answer of HubSpot's."""

    code = "not_found"


class UnknownPath(OutcomeUnknown):
    """A 404 that names no record: a path or the token endpoint is unknown, a proxy answered, or it
    is the page that HubSpot shows for one missing record. It says nothing about any record, and
    the call is worth repeating later without counting as a try. `in_json`: HubSpot said so itself,
    in its JSON."""

    code = "unknown_path"

    def __init__(self, message: str, *, in_json: bool = False) -> None:
        super().__init__(message)
        self.in_json = in_json


class RecordGone(Permanent):
    """HubSpot's own JSON names these ids as not found. `ids` are as HubSpot wrote them."""

    code = "record_gone"

    def __init__(self, message: str, *, ids: frozenset[str] = frozenset()) -> None:
        super().__init__(message)
        self.ids = ids


class Conflict(Permanent):
    """It exists already, or another process holds it."""

    code = "conflict"


class Paused(Conflict):
    """The portal is paused: nothing is scored until an admin resumes it."""

    code = "paused"


class MissingScopes(Permanent):
    """The portal does not allow what the call needs. `scopes` names those that are missing."""

    code = "missing_scopes"

    def __init__(
        self,
        message: str,
        *,
        scopes: tuple[str, ...] = (),
        causes: frozenset[tuple[str, str]] = frozenset(),
        sentence: str = "",
    ) -> None:
        super().__init__(message, causes=causes, sentence=sentence)
        self.scopes = scopes


class Unauthorised(Permanent):
    """401: the access token is refused; one refresh may help."""

    code = "unauthorised"


class MissingProperty(Permanent):
    """The portal lacks a property that we write: somebody deleted it, or set-up never ran."""

    code = "missing_property"


class NeedsReconnect(Permanent):
    """The portal's authorisation is gone; an admin has to install the app again."""

    code = "needs_reconnect"


class NotConnected(NeedsReconnect, NotFound):
    """The portal is not installed here: no call can be made, and its work waits for an admin."""

    code = "not_connected"


class OverBudget(LeadlightError):
    """The portal's daily cap on calls or money is reached; the default scoring stands in."""

    code = "over_budget"
    cause = "portal_cap"


class QuotaUsedUp(OverBudget, Transient):
    """The vendor says that our account with it has nothing left: asked again in minutes."""

    code = "quota_used_up"
    cause = "quota"


class SlowAnswer(Transient):
    """No answer within the time there was for it; the call may have been paid for."""

    code = "slow_answer"
    cause = "timeout"


class BadAnswer(Transient):
    """A model's answer failed its checks (not JSON, out of range, refused, cut off)."""

    code = "bad_answer"
    cause = "bad_answer"


class Unanswerable(BadAnswer):
    """The model will not answer this question, or not as asked, however often it is asked."""

    code = "unanswerable"


class BadSignature(LeadlightError):
    """A request that claims to come from HubSpot does not prove it."""

    code = "bad_signature"


class BadInput(LeadlightError):
    """Input of a person or a file. `problems` has one line each, naming the place and the cure."""

    code = "bad_input"

    def __init__(self, message: str, *, problems: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


class UnmatchedColumns(BadInput):
    """A table lacks columns by their names, and a person has to say which they are. `missing` are
    fields, `columns` the table's titles, each with its first values."""

    def __init__(
        self, message: str, *, missing: tuple[str, ...], columns: Mapping[str, tuple[str, ...]]
    ) -> None:
        super().__init__(message)
        self.missing = missing
        self.columns = columns


class BadChoice(Conflict, BadInput):
    """A setting that contradicts another one or a rule of ours."""

    code = "conflict"


class BadSettings(BadInput):
    """The environment lacks or contradicts something; names all of it at once."""

    code = "bad_settings"


class Forbidden(LeadlightError):
    """Known caller, missing right."""

    code = "forbidden"


class NotSignedIn(LeadlightError):
    """No session and no key, or one that is not valid (any more)."""

    code = "not_signed_in"


class NeedsCode(NotSignedIn):
    """The password was right; the code of the second factor is missing or wrong."""

    code = "second_factor_needed"


class TooMany(LeadlightError):
    """Asked too often; `retry_after_s` says when to ask again."""

    code = "too_many_requests"

    def __init__(self, message: str, *, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Undecipherable(LeadlightError):
    """A stored secret cannot be opened: wrong key, altered bytes, or moved to another portal."""

    code = "undecipherable"


class UnknownKey(Undecipherable):
    """The key that sealed it is not configured: the operator can bring it back."""
