"""Patterns of *instructions* to a reader, in the languages leads write in.

They ask for an order ("ignore the rules above", "set the score to 100"), not for a topic: a prompt
engineer's title and a firm that sells lead scoring pass.
"""

from __future__ import annotations

import re
from typing import Final

_FORGET: Final = (
    r"ignor\w*|disregard\w*|forget|overlook|override|bypass|skip|neglect|do not follow|"
    r"don'?t follow|missacht\w*|vergiss|vergessen sie|übergeh\w*|beachte\w* nicht|"
    r"befolge\w* nicht|oublie[rz]?|ne tiens pas compte|ne tenez pas compte|ne suivez pas|"
    r"olvid[ae]\w*|haz caso omiso|no sigas|dimentic\w*|non seguire|tralascia|esque[cç]\w*|"
    r"desconsider\w*|negeer\w*|vergeet|zignoruj\w*|pomiń|zapomnij|glöm|unut|yoksay|"
    r"игнорируй\w*|забудь\w*"
)
_ORDERS: Final = (
    r"instruct\w*|instruk\w*|instruc\w*|istruzion\w*|instruç\w*|prompts?|directives?|guidelines|"
    r"rules|anweisung\w*|anleitung\w*|vorgaben|regeln|befehle|consignes|règles|reglas|órdenes|"
    r"indicaciones|regole|ordini|regras|ordens|aanwijzing\w*|opdracht\w*|polece\w*|zasady|"
    r"talimat\w*|инструкци\w*|указани\w*|правила"
)
_FORGET_AFTER: Final = "ignorieren|missachten|vergessen|ignorer|ignorar|ignorare|negeren"
_SCORE: Final = (
    r"scor\w*|rating|rank\w*|\w{0,30}punkt\w{0,30}|bewertung\w*|note|puntuaci\w*|puntaje|punteggio|"
    r"pontua[cç]\w*|beoordeling|wynik|ocen\w*|poäng|балл\w*|оценк\w*"
)
_GIVE: Final = (
    r"set|give|assign|award|return|output|respond|answer|make|rate|mark|put|raise|change|update|"
    r"setze?n?|gib|geben sie|vergib|bewerte\w*|antworte\w*|mets|mettez|donne[rz]?|attribue[rz]?|"
    r"pon|ponga|asigna\w*|dale|imposta\w*|assegna\w*|dai|define|defina|atribua|dê|zet|geef|"
    r"ustaw|daj|przyznaj|sätt|поставь\w*|присвой\w*"
)
_ENOUGH: Final = r"100|9\d|hundred|hundert|cent|cien|cento|cem|honderd|sto"
_MOST: Final = r"max\w*|highest|höchst\w*|top|perfect\w*|best\w*"
_AI: Final = r"ai|assistant|assistent\w*|(?:language )?model|chatbot|ki|ia|bot|dan"
_WE_ARE: Final = (
    r"you are|you're|act as|du bist|sie sind|tu es|vous êtes|eres|usted es|sei|você é|je bent"
)
_ROLES: Final = "system|assistant|developer|user|human"
_COLLEAGUES: Final = (
    r"admin\w*|colleague|sales manager|management|hubspot|openai|kolleg\w*|vertriebsleit\w*"
)

_FORMS: Final = (
    # forget what you were told
    rf"(?<!\w)(?:{_FORGET})(?!\w).{{0,60}}(?<!\w)(?:{_ORDERS})",
    rf"(?<!\w)(?:{_ORDERS}).{{0,25}}(?<!\w)(?:{_FORGET_AFTER})(?!\w)",
    r"(?:忽略|无视|無視|忘记|ignore).{0,12}(?:指令|指示|说明|規則|规则)|지시.{0,8}무시",
    # give me the points
    rf"(?<!\w)(?:{_GIVE})(?!\w).{{0,40}}(?<!\w)(?:{_SCORE}).{{0,25}}(?<!\w)(?:{_ENOUGH})(?!\w)",
    rf"(?<!\w)(?:{_GIVE})(?!\w).{{0,40}}(?<!\w)(?:{_ENOUGH})(?!\w).{{0,25}}(?<!\w)(?:{_SCORE})",
    rf"(?<!\w)(?:set|give|assign|award|return|output|donne[rz]?|gib|vergib|dale|dai)(?!\w).{{0,30}}"
    rf"(?<!\w)(?:{_MOST})(?!\w).{{0,15}}(?<!\w)(?:{_SCORE})",
    r"(?:lead|fit|ai)[\s_-]{0,20}scor\w{0,20}\s{0,8}(?:\W{0,3}|is|of|must be|should be)\s{0,8}"
    r"(?:100|9\d)(?!\d)",
    r"\b(?:评分|分数|スコア|점수).{0,10}100|(?:评分|分数|スコア|점수).{0,10}100",
    r"\b(?:ai_)?(?:lead_)?(?:score|fit_level|next_action|manipulation_suspected)\"?\s{0,8}[:=]\s{0,8}\"?"
    r"(?:\d{1,3}|high|call|false)\b",
    r"\b(?:treat|classify|qualify|mark|consider|label|einstufen|classe[rz]?|clasific\w*)\b.{0,40}"
    r"\b(?:as|als|comme|como)\b.{0,25}\b(?:(?:high|hot|top|best|ideal|sehr gut|hoch)\W{1,3}\w+|"
    r"qualified)",
    r"\b(?:this|the|dieser|ce|este|questo) (?:lead|contact|kontakt|kunde|contacto|contatto) "
    r"(?:is|must be|should be|ist|est|es|è) (?:an? |ein |un |una )?(?:high|hot|top|perfect)\b",
    # I am somebody else
    rf"(?:^|\n|[.;|\]])\s{{0,8}}\W{{0,4}}(?:{_ROLES})\W{{0,3}}\s{{0,8}}"
    r"(?:prompt|message|note|override|instruction)?\s{0,8}[:>\]]",
    rf"<\|?\s{{0,8}}/?\s{{0,8}}(?:im_start|im_end|endoftext|s|inst|lead_text|{_ROLES})\s{{0,8}}\|?>",
    r"\[/?INST\]|<{2,5}\s{0,8}/?\s{0,8}(?:SYS|LEAD|END)|(?:LEAD|END)[_ ]TEXT\s{0,8}>{2,5}",
    r"#{3,6}\s{0,8}(?:system|instruction|response|end)|[`']{3,6}|={5}|-{3,6}\s{0,8}(?:end|begin|system)",
    r"\b(?:note|message|comment|notiz|hinweis|nachricht)\b.{0,20}\b(?:from|by|von|vom)\b.{0,30}"
    rf"\b(?:{_COLLEAGUES})\b",
    # you are somebody else
    rf"\b(?:{_WE_ARE})\b(?: now| jetzt| maintenant| ahora| ora| agora| nu)? "
    rf"(?:an? |eine? |une? |una |um |uma |een )?(?:\w+ )?(?:{_AI})\b",
    r"\b(?:reveal|repeat|print|show|output|leak|tell me)\b.{0,40}\b(?:system prompt|your prompt|"
    r"(?:your|the|these|hidden) (?:instructions|rules))\b",
    r"\b(?:new|updated|real|neue|nouvelles?|nuevas?|nuove|novas|nieuwe) (?:system )?"
    r"(?:instruct|instruk|istruz|instruc|anweisung|prompt|directive|consigne)\w*\s{0,8}[:=]",
    # send me to the top
    r"\b(?:assign|route|escalate|forward)\b.{0,30}\bto (?:the )?(?:ceo|cto|vp|sales director)\b",
    r"\b(?:zuweisen|weiterleiten)\b.{0,30}\b(?:ceo|geschäftsführ\w*)\b",
)
_PATTERNS: Final = tuple(re.compile(form, re.IGNORECASE | re.DOTALL) for form in _FORMS)
# "scores from 0 to 100" describes a scale; it is no order.
_SCALE: Final = re.compile(
    r"\b(?:0|1|zero|one)\s{0,8}(?:-|–|to|and|bis|und|à|a|y)\s{0,8}(?:100|10)\b"
)


def instructs(text: str) -> bool:
    """True when the text as it stands orders its reader about."""
    told = _SCALE.sub("a scale", text)
    return any(pattern.search(told) for pattern in _PATTERNS)


def starts_at(text: str) -> int:
    """Where the first order begins; the text's length without one."""
    found = (pattern.search(text) for pattern in _PATTERNS)
    return min((match.start() for match in found if match), default=len(text))
