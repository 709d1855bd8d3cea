"""No text, however it is made, costs more than its length: patterns and what is built of them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from backend.embedded.rule_reader import read_one
from backend.model import Band, CrmRecord, NextAction, Person, TextReading
from backend.scoring.collect import mirror_record
from backend.scoring.facts.activities import is_ours
from backend.scoring.facts.properties import FREE_TEXT
from backend.scoring.read_text import check_reading, fence
from backend.scoring.text.manipulation import remainder, suspected, without_instructions
from backend.scoring.text.plain_text import plain
from backend.scoring.text.redact import candidates, outgoing, personal
from backend.scoring.values.amounts import parse_range
from backend.scoring.values.bins import location, technologies
from backend.scoring.wording.prose import facts_of, holds, sentences
from backend.storage.leads.person_words import words_of
from backend.web.card.models import one_line
from tests.unit.patterns.collect import compiled, inline, units

NOW = datetime(2026, 1, 1, tzinfo=UTC)

TINY, SMALL, LARGE = 400, 2_000, 8_000  # characters
TOO_LONG_S = 1.0
QUICK_S = 0.015  # so little for the large text is nothing that grows with its square
MOST = 9.0  # times for four times the text: 4 is linear, 16 is the square
TRIES = 3

WRITTEN, MADE = inline()
PATTERNS = {p: where for where, p in {**WRITTEN, **compiled()}.items()}  # each once
BY_PLACE = {where: pattern for pattern, where in PATTERNS.items()}


def took(work: Callable[[str], Any], text: str) -> float:
    """CPU seconds, the least of a few tries."""
    best = float("inf")
    for _ in range(TRIES):
        began = time.process_time()
        work(text)
        best = min(best, time.process_time() - began)
        if best < QUICK_S:
            break
    return best


def grows(work: Callable[[str], Any], unit: str, beginning: str = "", tail: str = "") -> str:
    """What is wrong, or ""; a tiny text goes first, so that a bad case costs no minutes."""
    made = [beginning + (unit * (n // len(unit) + 1))[:n] + tail for n in (TINY, SMALL, LARGE)]
    said = f"{beginning!r} + {unit!r} + {tail!r}"
    if took(work, made[0]) > TOO_LONG_S / 10:
        return f"{said}: too long for {TINY} characters"
    small = took(work, made[1])
    if small > TOO_LONG_S:
        return f"{said}: {small:.2f} s for {SMALL} characters"
    large = took(work, made[2]) if small > QUICK_S / 20 else 0.0
    if large < QUICK_S or large / max(small, 1e-9) < MOST:
        return ""
    return f"{said}: {small:.4f} s, four times the text {large:.4f} s"


def everything(pattern: re.Pattern[str]) -> Callable[[str], Any]:
    return lambda text: sum(1 for _ in pattern.finditer(text))


@pytest.mark.parametrize("where", sorted(BY_PLACE))
def test_every_pattern_is_linear(where: str) -> None:
    work = everything(BY_PLACE[where])
    found = (
        grows(work, unit, beginning, tail)
        for beginning, unit in units(BY_PLACE[where])
        for tail in ("", "a\x00")
    )
    assert [each for each in found if each] == []


def test_patterns_are_written_out_so_that_they_can_be_tested() -> None:
    """One is put together from names, of a limited number and length; it is timed below. Another is
    the id of a contact, as it is, between two single characters."""
    assert {"backend/scoring/text/redact.py", "backend/storage/privacy/named.py"} >= MADE
    assert len(PATTERNS) > 100


@pytest.mark.parametrize(
    "wrong",
    [
        r"\n\s*\W{0,4}x",
        r"\b(?=[\w-]*\d{7})[\w-]{20,}",
        r"<[^>]*>",
        r"\w*punkt\w*:",
        r"(a|b)*c",
        r"a.*b",
        r"\s+$",
    ],
)
def test_a_pattern_that_is_not_linear_is_noticed(wrong: str) -> None:
    work = everything(re.compile(wrong))
    assert any(
        grows(work, unit, beginning, tail)
        for beginning, unit in units(re.compile(wrong))
        for tail in ("", "a\x00")
    )


def mirrored(object_type: str, names: tuple[str, ...]) -> Callable[[str], Any]:
    """The way of a record into the mirror, every one of `names` filled with the text."""

    def work(text: str) -> Any:
        record = CrmRecord(object_type, "1", dict.fromkeys(names, text), NOW)
        return mirror_record(record, read_free_text=tuple(FREE_TEXT), learn_from=LEARN_FROM)

    return work


LEARN_FROM = ("contacts.plan", "companies.plan")
CONTACT = ("firstname", "lastname", "email", "jobtitle", "city", "message", "plan", "company_size")
COMPANY = ("name", "domain", "description", "industry", "annualrevenue", "technologies", "plan")
ACTIVITY = ("hs_note_body", "hs_email_text", "hs_task_subject", "hs_task_body", "hs_timestamp")
NAMES = ("Ana " * 5_000, "B" * 60_000)
WORK: dict[str, Callable[[str], Any]] = {
    "contact": mirrored("contacts", CONTACT),
    "company": mirrored("companies", COMPANY),
    "note": mirrored("notes", ACTIVITY),
    "email": mirrored("emails", ACTIVITY),
    "suspected": suspected.__wrapped__,
    "without_instructions": without_instructions,
    "remainder": remainder,
    "fence": fence,
    "plain": lambda text: plain(text, 400),
    "personal": lambda text: personal(text, NAMES),
    "outgoing": lambda text: outgoing(text, ("Ana Ivanova",), {"ivanova", "boris"}),
    "candidates": candidates,
    "prose": lambda text: [
        holds(one, facts_of([text]), actions=(NextAction.CALL,), bands=(Band.LOW,))
        for one in sentences(text)
    ],
    "read_one": read_one,
    "check_reading": lambda text: check_reading(TextReading(quote=text[:100]), text, text),
    "parse_range": parse_range,
    "technologies": technologies,
    "location": location,
    "words_of": lambda text: words_of(Person(text, text)),
    "one_line": one_line,
    "is_own_task": lambda text: is_ours({"hs_task_subject": text, "hs_task_body": text}),
}


HARD = ("\n", " ", "a-", "a.", "1", "a@", "<!--", "A1", "a.\n", "set score ", "é", "[(")


@pytest.mark.parametrize("what", sorted(WORK))
def test_what_reads_a_strangers_text_costs_no_more_than_its_length(what: str) -> None:
    def work(text: str) -> Any:
        suspected.cache_clear()
        return WORK[what](text)

    found = (grows(work, unit) for unit in HARD)
    assert [each for each in found if each] == []


@pytest.mark.parametrize("unit", ["\n", "a-", "a.\n", " ", "1", "<!--", "[", "ignore. ", "é"])
def test_a_form_message_of_any_length_is_read_in_no_time(unit: str) -> None:
    """The attack that stopped the product: 9 to 29 seconds for 6,000 line breaks."""
    text = unit * (60_000 // len(unit))
    record = CrmRecord("contacts", "1", {"message": text, "jobtitle": text}, NOW)
    suspected.cache_clear()
    began = time.process_time()
    mirrored_one, _ = mirror_record(record, read_free_text=tuple(FREE_TEXT))
    read_one(fence(mirrored_one.facts.get("text.message", "")))
    assert time.process_time() - began < TOO_LONG_S
