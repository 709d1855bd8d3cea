"""Messages for a channel, in the shape that Slack's incoming webhooks take.

Text of a lead is hostile: it stands in plain-text blocks, where nothing in it can be a link, a
mention or markup, and is escaped in `text`, which clients show as a preview. Every message says its
id, so that one that came twice can be told.

Shape: Slack's "Sending messages using incoming webhooks" and Block Kit reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from backend.model import Score
from backend.scoring.explain import next_step

NAME_MAX: Final = 80  # characters of a lead's name
LINE_MAX: Final = 280
TEXT_MAX: Final = 2_900  # a block takes 3,000
DIGEST_SHOWN: Final = 20  # leads named in a digest


@dataclass(frozen=True, slots=True)
class Told:
    """One lead as a message speaks of it."""

    name: str
    score: Score
    url: str


def lead_message(message_id: str, told: Told) -> dict[str, Any]:
    """A lead became High."""
    score = told.score
    headline = f"{plain(told.name)}: {score.band.value} fit, score {score.score}"
    blocks = [
        _section(f"{headline}\n{plain(next_step(score))}"),
        _link(told.url, "Open the contact"),
    ]
    return _message(message_id, headline, blocks)


def digest_message(message_id: str, told: Sequence[Told], all_of_them: int) -> dict[str, Any]:
    """Many leads became High in an hour: one message with the best of them."""
    best = sorted(told, key=lambda one: -one.score.unclamped)[:DIGEST_SHOWN]
    lines = [f"{one.score.score}  {plain(one.name)}  {one.score.next_action.value}" for one in best]
    rest = all_of_them - len(best)
    lines += [f"and {rest} more"] if rest > 0 else []
    headline = f"{all_of_them} leads became High"
    return _message(message_id, headline, [_section("\n".join([headline, *lines]))])


def summary_message(message_id: str, lines: Sequence[str]) -> dict[str, Any]:
    """The week in a few lines of our own words and numbers."""
    headline = "Leads of the week"
    return _message(message_id, headline, [_section("\n".join([headline, *lines]))])


def plain(text: str) -> str:
    """One short line: no control characters, no line breaks."""
    kept = "".join(c if c.isprintable() else " " for c in text[: 4 * LINE_MAX])
    line = " ".join(kept.split())
    return line if len(line) <= LINE_MAX else line[: LINE_MAX - 1] + "…"


def name_of(name: str, contact_id: str) -> str:
    """How a lead is called in a message."""
    return plain(name)[:NAME_MAX] or f"Contact {contact_id}"


def _message(message_id: str, headline: str, blocks: list[dict[str, Any]]) -> dict[str, Any]:
    sign = {"type": "context", "elements": [{"type": "plain_text", "text": _sign(message_id)}]}
    return {
        "text": f"{_escaped(headline)} ({_sign(message_id)})",
        "blocks": [*blocks, sign],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _sign(message_id: str) -> str:
    return f"Leadlight message {message_id}"


def _section(text: str) -> dict[str, Any]:
    shown = {"type": "plain_text", "text": text[:TEXT_MAX], "emoji": False}
    return {"type": "section", "text": shown}


def _link(url: str, label: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": f"<{url}|{label}>"}}


def _escaped(text: str) -> str:
    """Slack's three: a text cannot open a link, a mention or a channel alert."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
