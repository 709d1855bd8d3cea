"""The properties of an invented call, email, meeting, note or task."""

from __future__ import annotations

import random

from sandbox.generator.sketches import Activity, Person
from sandbox.times import iso

_SUBJECTS = ("Your question", "Next steps", "Follow-up", "Pricing", "Introduction", "Short update")
_CALL_TEXTS = ("Left a voicemail.", "Talked about the current set-up.", "Asked to call next month.")
_NOTES = (
    "Prefers e-mail in the morning.",
    "Budget round is in autumn.",
    "Uses a competitor today, contract ends next year.",
    "Met at the trade fair.",
)


def activity_values(rng: random.Random, activity: Activity, person: Person) -> dict[str, str]:
    """Properties with `hs_timestamp` at the time it happened."""
    values = {"hs_timestamp": iso(activity.at_ms)}
    return values | _WRITERS[activity.kind](rng, activity, person)


def _email(rng: random.Random, activity: Activity, person: Person) -> dict[str, str]:
    subject = rng.choice(_SUBJECTS)
    return {
        "hs_email_direction": "INCOMING_EMAIL" if activity.incoming else "EMAIL",
        "hs_email_status": "SENT" if rng.random() > 0.03 else "BOUNCED",
        "hs_email_subject": f"Re: {subject}" if activity.incoming else subject,
        "hs_email_text": f"Hello, about {subject.lower()}: please see below.",
    }


def _call(rng: random.Random, activity: Activity, person: Person) -> dict[str, str]:
    reached = activity.incoming or rng.random() < 0.4 + 0.1 * person.interest
    return {
        "hs_call_title": f"Call with {person.first}",
        "hs_call_body": rng.choice(_CALL_TEXTS),
        "hs_call_direction": "INBOUND" if activity.incoming else "OUTBOUND",
        "hs_call_status": "COMPLETED" if reached else "NO_ANSWER",
        "hs_call_duration": str(rng.randint(40, 1500) * 1000 if reached else 0),
    }


def _meeting(rng: random.Random, activity: Activity, person: Person) -> dict[str, str]:
    came = 0.78 + 0.06 * person.interest
    return {
        "hs_meeting_title": f"Meeting with {person.first}",
        "hs_meeting_start_time": iso(activity.at_ms),
        "hs_meeting_end_time": iso(activity.at_ms + 1_800_000),
        "hs_meeting_outcome": "COMPLETED"
        if rng.random() < came
        else rng.choice(("NO_SHOW", "CANCELED")),
    }


def _note(rng: random.Random, activity: Activity, person: Person) -> dict[str, str]:
    return {"hs_note_body": rng.choice(_NOTES)}


def _task(rng: random.Random, activity: Activity, person: Person) -> dict[str, str]:
    return {
        "hs_task_subject": f"Follow up with {person.first}",
        "hs_task_status": "COMPLETED" if rng.random() < 0.8 else "NOT_STARTED",
        "hs_task_priority": rng.choice(("LOW", "MEDIUM", "HIGH")),
        "hs_task_type": rng.choice(("TODO", "CALL", "EMAIL")),
    }


_WRITERS = {
    "emails": _email,
    "calls": _call,
    "meetings": _meeting,
    "notes": _note,
    "tasks": _task,
}
