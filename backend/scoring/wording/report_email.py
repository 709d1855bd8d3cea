"""The weekly report as an email: text, HTML and one picture. No script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from typing import Final

from backend.scoring.values.times import day_text
from backend.scoring.wording.bars import bars

_WAITING: Final = "High leads not contacted since they became High"


@dataclass(frozen=True, slots=True)
class Report:
    """The week in lines of our own words and numbers; `leads` are named only where the portal
    allows it. `days`: High leads at the end of each of the last days, oldest first."""

    portal: str
    week_until: date
    lines: tuple[str, ...]
    leads: tuple[str, ...]
    days: tuple[tuple[date, int], ...]

    @property
    def subject(self) -> str:
        """ "Leads of the week until 30 Nov: Cogwheel" """
        until = day_text(self.week_until, self.week_until)
        return f"Leads of the week until {until}: {self.portal}"


def text_of(report: Report, unsubscribe: str) -> str:
    """The plain part."""
    parts = [report.subject, "", *(f"- {line}" for line in report.lines)]
    if report.leads:
        parts += ["", f"{_WAITING}:"]
        parts += [f"- {lead}" for lead in report.leads]
    parts += ["", _chart_words(report.days), "", f"Stop these emails: {unsubscribe}"]
    return "\n".join(parts)


def html_of(report: Report, unsubscribe: str, picture: str) -> str:
    """The same to look at; `picture`: where the chart is, `cid:` in an email."""
    items = "".join(f"<li>{escape(line)}</li>" for line in report.lines)
    named = "".join(f"<li>{escape(lead)}</li>" for lead in report.leads)
    leads = f"<h2>{_WAITING}</h2><ul>{named}</ul>" if named else ""
    words = escape(_chart_words(report.days))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(report.subject)}</title></head>"
        '<body style="font-family:Arial,sans-serif;color:#1a1a1a;background:#ffffff">'
        f"<h1>{escape(report.subject)}</h1><ul>{items}</ul>{leads}"
        f'<p><img src="{escape(picture)}" alt="{words}" style="max-width:100%"></p>'
        f'<p>{words}</p><p><a href="{escape(unsubscribe)}">Stop these emails</a></p>'
        "</body></html>"
    )


def email_of(
    report: Report, *, message_id: str, sender: str, to: str, unsubscribe: str, at: datetime
) -> EmailMessage:
    """Ready to send. The same `message_id` for whatever is sent again; one click in a mail program
    unsubscribes (RFC 8058)."""
    message = EmailMessage()
    message["Subject"] = report.subject
    message["From"] = sender
    message["To"] = to
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message["List-Unsubscribe"] = f"<{unsubscribe}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(text_of(report, unsubscribe))
    message.add_alternative(html_of(report, unsubscribe, "cid:chart@leadlight"), subtype="html")
    picture = chart_of(report)
    parts = message.get_payload()
    assert isinstance(parts, list)  # noqa: S101  two alternatives
    html = parts[1]
    assert isinstance(html, EmailMessage)  # noqa: S101
    html.add_related(
        picture, "image", "png", cid="<chart@leadlight>", disposition="inline", filename="chart.png"
    )
    return message


def chart_of(report: Report) -> bytes:
    """The picture, as PNG."""
    return bars([high for _, high in report.days])


def _chart_words(days: Sequence[tuple[date, int]]) -> str:
    if not days:
        return "High leads by day: nothing is counted yet."
    (first, was), (last, now) = days[0], days[-1]
    since = day_text(first, last)
    return f"High leads by day: {was} on {since}, {now} on {day_text(last, last)}."
