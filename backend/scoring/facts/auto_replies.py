"""Emails that no person wrote: out of office, receipts, returned mail. To add words, add a line.

Subjects are read on the way in to tell this one thing, and are never kept.
"""

from __future__ import annotations

from typing import Final

from backend.scoring.values.folding import words_of

# How subjects begin, folded, as mail programs write them in the languages that HubSpot speaks.
_BEGINNINGS: Final = (
    "automatic reply|auto reply|autoreply|autoresponse|auto response|automated response"
    "|automatic response|automated reply",
    "out of office|out of the office|ooo|i am out of|im out of|on vacation|on leave|on holiday"
    "|away from|currently away|vacation reply|annual leave|parental leave|maternity leave",
    "automatische antwort|abwesenheit|abwesenheitsnotiz|abwesend|abwesenheitsmeldung"
    "|automatische ruckantwort|ich bin nicht im buro|ich bin im urlaub|nicht im haus|in elternzeit",
    "reponse automatique|absence|absent|je suis absent|en conge|message d absence|hors du bureau",
    "respuesta automatica|fuera de la oficina|fuera de oficina|ausente|ausencia|de vacaciones",
    "resposta automatica|fora do escritorio|ausencia|estou fora",
    "risposta automatica|fuori ufficio|assente|assenza|in ferie|fuori sede",
    "automatisch antwoord|automatische beantwoording|afwezig|afwezigheid|niet aanwezig"
    "|met vakantie|buiten kantoor",
    "odpowiedz automatyczna|autoodpowiedz|automatski odgovor|balasan otomatis|jawaban otomatis"
    "|tra loi tu dong|poissaoloilmoitus|fravaersmelding|"
    "자동 응답|配信不能|无法投递|kan ikke leveres"
    "|currently out of office|currently out of the office|on annual leave|im urlaub|urlaub bis"
    "|ausser haus|ich bin ausser haus|sono in ferie|nao e possivel entregar",
    "automatisk svar|autosvar|automatiskt svar|frånvaro|franvaro|fravaer|fravær|ikke til stede"
    "|ikke pa kontoret|inte pa kontoret|ude af kontoret",
    "automaattinen vastaus|poissa|automatyczna odpowiedz|poza biurem|nieobecnosc"
    "|automaticka odpoved|mimo kancelar|otomatik yanit|ofis disinda|raspuns automat|automatikus "
    "valasz|hazon kivul|автоответ|автоматический ответ|отсутств|нет на месте",
    "自動応答|自動返信|不在|自动回复|自动答复|外出|自動回覆|자동 회신|부재중|ตอบกลับอัตโนมัติ",
    "undeliver|delivery status notification|delivery failure|delivery has failed|delivery failed"
    "|mail delivery failed|mail delivery failure|mail delivery sub"
    "|mail delivery sys|returned mail|failure notice|message not delivered|non delivery"
    "|delivery delay"
    "|delivery incomplete|address not found|unzustellbar|nicht zustellbar|non remis|no entregado"
    "|no se puede entregar|nao entregue|impossibile recapitare|onbestelbaar|olevererbart",
    "message received|ticket received|we received your|we have received your|thank you for "
    "contacting|thanks for contacting|your request has been received|eingangsbestatigung"
    "|accuse de reception|acuse de recibo|automatische bestatigung|confirmation of receipt",
)
_ALL: Final = tuple(words_of(text) for line in _BEGINNINGS for text in line.split("|"))
_BEFORE_COLON: Final = ("auto", "read", "not read", "gelesen", "lu", "leido", "letto", "lida")
# How a text begins that says so itself; a person who was away writes in the past.
_AWAY: Final = tuple(
    words_of(text)
    for line in (
        "i am out of office|i am out of the office|i am currently out|i will be out of",
        "this is an automat|this is an auto|automatically generated|limited access to email",
        "limited access to my email|ich bin derzeit nicht|ich bin aktuell nicht|ich bin bis",
        "automatisch generiert|automatisch erstellt|je suis actuellement absent|je suis absent",
        "message automatique|estoy fuera de la oficina|mensaje automatico|estou fora do",
        "mensagem automatica|sono fuori ufficio|messaggio automatico|ik ben momenteel afwezig",
    )
    for text in line.split("|")
)
_SHORT: Final = 7  # letters up to which a word has to end where ours does
# Marks of answers and forwards before what the mail program wrote.
_MARKS: Final = frozenset(
    {"re", "aw", "fw", "fwd", "wg", "sv", "vs", "tr", "rv", "res", "antw", "r"}
)
_SENDERS: Final = ("mailer daemon", "postmaster", "noreply", "no reply", "donotreply", "do not re")


def is_automatic(subject: str, sender: str = "", text: str = "") -> bool:
    """Whether a machine wrote it: by its subject, its sender, or how its text begins.

    `text` may be "": most portals do not let us read it.
    """
    name = words_of(sender.partition("@")[0])
    if any(name.startswith(known) for known in _SENDERS):
        return True
    return _begins(subject) or _before_colon(subject) or _says_away(text)


def _begins(subject: str) -> bool:
    words = words_of(subject[:200]).split()
    while words and words[0] in _MARKS:
        words = words[1:]
    plain = " ".join(words)
    return any(_starts(plain, known) for known in _ALL)


def _starts(plain: str, known: str) -> bool:
    whole = len(known) <= _SHORT and known.isascii()
    return plain == known or plain.startswith(f"{known} " if whole else known)


def _before_colon(subject: str) -> bool:
    head, colon, _ = subject[:40].partition(":")
    return bool(colon) and words_of(head) in _BEFORE_COLON


def _says_away(text: str) -> bool:
    return any(known in words_of(text[:300]) for known in _AWAY) if text else False
