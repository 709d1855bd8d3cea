"""Signs that a text wants to steer whoever reads it, in the languages leads write in.

A second line of defence: what holds by construction is in `calculate` (text moves a score by at
most 5 points and never into High, whatever a reader says). Patterns ask for an *instruction*
("ignore the instructions above", "set the score to 100"), not for a topic, so a prompt engineer
and a firm that sells lead scoring pass.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from typing import Final

from backend.scoring.plain_text import visible

SCANNED_MAX: Final = 20_000  # characters

_FORGET: Final = (
    r"ignor\w*|disregard\w*|forget|overlook|override|bypass|skip|neglect|do not follow|don'?t follow|"
    r"missacht\w*|vergiss|vergessen sie|übergeh\w*|beachte\w* nicht|befolge\w* nicht|"
    r"oublie[rz]?|ignorez|ne tiens pas compte|ne tenez pas compte|ne suivez pas|"
    r"olvid[ae]\w*|haz caso omiso|no sigas|dimentic\w*|non seguire|tralascia|"
    r"esque[cç]\w*|desconsider\w*|negeer\w*|vergeet|sla .{0,12} over|zignoruj\w*|pomiń|zapomnij|"
    r"ignorera|glöm|unut|yoksay|игнорируй\w*|забудь\w*|无视|忽略|無視|무시"
)
_ORDERS: Final = (
    r"instruct\w*|instruk\w*|instruc\w*|istruzion\w*|instrucc\w*|instruç\w*|prompts?|directives?|"
    r"guidelines|rules|anweisung\w*|anleitung\w*|vorgaben|regeln|befehle|consignes|règles|reglas|"
    r"órdenes|indicaciones|regole|ordini|regras|ordens|aanwijzing\w*|opdracht\w*|polece\w*|zasady|"
    r"instruktion\w*|talimat\w*|инструкци\w*|указани\w*|правила|指示|指令|说明|지시"
)
_SCORE: Final = (
    r"scor\w*|rating|rated?|ranking|punkt\w*|bewertung\w*|note|puntuaci\w*|puntaje|punteggio|"
    r"pontua[cç]\w*|beoordeling|wynik|ocen\w*|poäng|балл\w*|оценк\w*|评分|分数|スコア|점수"
)
_TOP: Final = (
    r"100|9[0-9]|hundred|hundert|cent|cien|cento|cem|honderd|max\w*|highest|höchst\w*|"
    r"top priority|hot lead|high fit|perfect"
)
_GIVE: Final = (
    r"set|give|assign|award|return|output|respond|answer|make|rate|mark|put|raise|change|update|"
    r"setze?n?|gib|geben sie|vergib|bewerte\w*|antworte\w*|mets|mettez|donne[rz]?|attribue[rz]?|"
    r"pon|ponga|asigna\w*|dale|imposta\w*|assegna\w*|dai|define|defina|atribua|dê|zet|geef|ken|"
    r"ustaw|daj|przyznaj|sätt|ge|поставь\w*|присвой\w*|ver"
)
_PATTERNS: Final = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        rf"(?<!\w)(?:{_FORGET})(?!\w).{{0,60}}(?:{_ORDERS})",
        rf"(?:{_ORDERS}).{{0,25}}(?<!\w)(?:ignorieren|missachten|vergessen|ignorer|ignorar|ignorare|"
        rf"negeren|无视|忽略|無視して|무시)",
        rf"(?<!\w)(?:{_GIVE})(?!\w).{{0,40}}(?:{_SCORE}).{{0,25}}(?<!\d)(?:{_TOP})(?!\d)",
        rf"(?<!\w)(?:{_GIVE})(?!\w).{{0,40}}(?<!\d)(?:{_TOP})(?!\d).{{0,25}}(?:{_SCORE})",
        r"(?:lead|fit|ai)[\s_-]*scor\w*\s*(?:\W{0,3}|is|of|must be|should be)\s*(?:100|9\d)(?!\d)",
        r"\"?(?:ai_)?(?:lead_)?(?:score|fit_level|next_action|intent|manipulation_suspected)\"?\s*:"
        r"\s*\"?(?:\d{1,3}|high|call|purchase|false)\b",
        r"(?:^|\n|[.\]])\s*\W{0,4}(?:system|assistant|developer|user|human)\W{0,3}\s*(?:prompt|message|"
        r"note|override|instruction)?\s*[:>\]]",
        r"<\|?\s*/?\s*(?:im_start|im_end|system|assistant|endoftext|s|inst|lead_text)\s*\|?>|"
        r"\[/?INST\]|<<+\s*(?:SYS|LEAD|END)|(?:LEAD|END)[_ ]TEXT\s*>>+|#{3,}\s*(?:system|instruction|"
        r"response|end)|`{3,}|={5,}|-{3,}\s*(?:end|begin|system)",
        r"\b(?:you are|you're|act as|du bist|sie sind|tu es|vous êtes|eres|usted es|sei|você é|je bent)"
        r"(?: now| jetzt| maintenant| ahora| ora| agora| nu)? (?:an? |ein[e]? |une? |un[ao]? |um[a]? |"
        r"een )?(?:\w+ )?(?:ai|assistant|assistent\w*|model|modell?|chatbot|language|ki|ia|bot|dan)\b",
        r"\b(?:reveal|repeat|print|show|output|leak|tell me)\b.{0,40}\b(?:system prompt|your prompt|"
        r"instructions|hidden rules)",
        r"\b(?:new|updated|real|neue|nouvelles?|nuevas?|nuove|novas|nieuwe) (?:system )?"
        r"(?:instruct|instruk|istruz|instruc|anweisung|prompt|directive|consigne)\w*\s*[:=]",
        r"\b(?:assign|route|escalate|forward|weiterleiten|zuweisen)\b.{0,30}\bto (?:the )?(?:ceo|cto|vp|"
        r"sales director)\b",
        r"\b(?:note|message|comment|notiz|hinweis)\b.{0,20}\b(?:from|by|von|vom)\b.{0,30}\b(?:admin|"
        r"colleague|sales manager|management|hubspot|openai|administrator|kolleg\w*)\b",
        r"\b(?:treat|classify|qualify|mark|consider|rate|label|einstuf\w*|classe[rz]?|clasifi\w*)\b"
        r".{0,40}\b(?:as|als|comme|como)\b.{0,25}\b(?:high|hot|top|best|qualified|sehr gut|hoch|ideal)"
        r"\b.{0,15}\b(?:fit|lead|priority|prospect|prioritä\w*|client\w*|kunde)?",
    )
)
_ENCODED: Final = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
_HEX: Final = re.compile(r"(?:[0-9a-fA-F]{2}[\s:]?){16,}")
_SPACED: Final = re.compile(r"(?:\b\w[ .*_-]){6,}\w\b")
_HIDDEN: Final = re.compile(
    "[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)
_HIDDEN_MOST: Final = 3  # emoji and some scripts use a few honestly
_LEET: Final = str.maketrans("013457@$", "oleastas")


def suspected(text: str) -> bool:
    """True when the text, or what it hides or encodes, gives instructions to a reader."""
    scanned = text[:SCANNED_MAX]
    if len(_HIDDEN.findall(scanned)) > _HIDDEN_MOST:
        return True
    seen = visible(scanned)
    return any(_instructs(reading) for reading in _readings(seen))


def without_instructions(text: str) -> str:
    """The sentences that do not give instructions; "" when the text as a whole does otherwise."""
    if not suspected(text):
        return text
    kept = [s for s in re.split(r"(?<=[.!?])\s+|\n+", text) if not suspected(s)]
    rest = " ".join(kept)
    return "" if suspected(rest) else rest


def _instructs(text: str) -> bool:
    return any(pattern.search(text) for pattern in _PATTERNS)


def _readings(text: str) -> list[str]:
    """The text, and it decoded, unspaced, reversed and un-rotated."""
    readings = [text, re.sub(r"\s+", " ", text)]
    readings += [_joined(match.group()) for match in _SPACED.finditer(text)]
    readings += [
        decoded for match in _ENCODED.finditer(text) if (decoded := _base64(match.group()))
    ]
    readings += [decoded for match in _HEX.finditer(text) if (decoded := _hex(match.group()))]
    readings.append(codecs.encode(text, "rot13"))
    readings.append(text[::-1])
    if re.search(r"[A-Za-z][013457@$][A-Za-z]", text):
        readings.append(text.translate(_LEET))
    return readings


def _joined(spaced: str) -> str:
    return re.sub(r"[ .*_-]", "", spaced)


def _base64(text: str) -> str:
    padded = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        raw = base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True)
    except (binascii.Error, ValueError):
        return ""
    return _readable(raw)


def _hex(text: str) -> str:
    digits = re.sub(r"[\s:]", "", text)
    return _readable(bytes.fromhex(digits[: len(digits) // 2 * 2]))


def _readable(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return ""
