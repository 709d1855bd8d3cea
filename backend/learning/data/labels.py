"""The outcome column: which words mean won, which mean lost."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np

from backend.errors import BadInput
from backend.learning.arrays import Floats, Ints
from backend.learning.data.table import Table, shown
from backend.scoring.scorecard.cells import level_of, number_of
from backend.scoring.values.folding import words_of
from backend.scoring.values.no_answer import is_no_answer


def _words(*lines: str) -> frozenset[str]:
    return frozenset(words_of(word).replace(" ", "") for line in lines for word in line.split("|"))


# Words of an outcome by what they mean, without spaces, accents and punctuation; to add one, add it
# to its line. A pipeline's name beside the stage ("Closed Won (Sales Pipeline)") does not count.
WON_WORDS = _words(
    "won|win|yes|y|true|t|closedwon|dealwon|converted|positive|success|successful|customer",
    "subscribed",
    "accepted|signed|bought|purchased|wonclosed|closedandwon",
    "ja|gewonnen|abgeschlossenundgewonnen|geschlossengewonnen|abgeschlossengewonnen|kunde",
    "erfolgreich",
    "oui|gagne|gagnee|fermegagne|concluegagnee|vrai|si|ganado|ganada|cerradoganado|cierreganado",
    "exito",
    "verdadero|sim|ganho|ganha|fechadoganho|negociofechado|verdadeiro|vinto|vinta|chiusovinto|vero",
    "gewonnenafgesloten|geslotengewonnen|waar|vundet|lukketvundet|vunnet|lukketvunnet|vunnen|vann",
    "stangdvunnen|voitettu|kylla|wygrana|wygrany|wygrane|tak|zamknietawygrana|vyhrano|ano",
    "uzavrenovyhrano",
    "kazanildi|evet|castigat|da|megnyert|igen|dobiveno|да|выиграна|выиграно|успешно|受注|成約",
    "はい|赢单|成交",
    "affairegagnee|transactiongagnee|negocioganado|negocioganho|affarevinto|gewonnendeal",
    "dealgewonnen|vunnenaffar|menang|ditutupmenang|ya|kapandikazanildi|thang",
    "契約成立|成立|クローズ成約|已成交|已赢单|계약성사|종료성사|ปิดการขายสำเร็จ",
    "是|贏單|성사|수주|예|ชนะ|ใช่",
)
LOST_WORDS = _words(
    "lost|loss|lose|no|n|false|f|closedlost|deallost|notconverted|negative|failure|failed",
    "unsuccessful",
    "notwon|rejected|declined|churned|unconverted|notinterested|disqualified|unqualified",
    "lostclosed",
    "closedandlost|nein|verloren|abgeschlossenundverloren|geschlossenverloren",
    "abgeschlossenverloren",
    "abgelehnt|nichtgewonnen|non|perdu|perdue|fermeperdu|faux|perdido|perdida|cerradoperdido|falso",
    "cierreperdido|nao|fechadoperdido|perso|persa|chiusoperso|nee|verlorenafgesloten",
    "geslotenverloren",
    "onwaar|nej|nei|tabt|lukkettabt|tapt|lukkettapt|forlorad|forlorat|stangdforlorad|havitty|ei",
    "przegrana|przegrany|przegrane|nie|zamknietaprzegrana|ztraceno|prohrano|ne|uzavrenoprohrano",
    "kaybedildi|hayir|pierdut|nu|elveszett|nem|izgubljeno|нет|проиграна|проиграно|失注|いいえ",
    "affaireperdue|transactionperdue|negocioperdido|affareperso|verlorendeal|dealverloren",
    "forloradaffar|elvesztett|kalah|ditutupkalah|tidak|thua|nosale|notafit",
    "不成立|クローズ失注|已输单|失敗|失败|종료실패|ปิดการขายไม่สำเร็จ",
    "输单|丢单|否|輸單",
    "실패|실주|아니요|아니오|แพ้|ไม่ใช่",
)
# Not decided yet: such rows are left out.
OPEN_WORDS = _words(
    "open|new|pending|inprogress|ongoing|active|working|contacted|attempted|attemptedtocontact",
    "connected|opendeal|qualified|qualifiedtobuy|appointmentscheduled|presentationscheduled",
    "opportunity",
    "decisionmakerboughtin|contractsent|negotiation|proposal|proposalsent|nurture|nurturing|onhold",
    "badtiming|lead|marketingqualifiedlead|salesqualifiedlead|mql|sql|prospecting|qualification",
    "demo",
    "undecided|waiting|offen|neu|inbearbeitung|laufend|angebot|verhandlung|qualifiziert",
    "kontaktiert",
    "ouvert|ouverte|encours|nouveau|enattente|abierto|abierta|encurso|nuevo|pendiente|aberto",
    "aberta",
    "emandamento|novo|pendente|aperto|aperta|incorso|nuovo|openstaand|lopend|nieuw|aben|igang|apen",
    "paagaende|oppen|pagaende|avoin|kesken|otwarta|otwarte|wtoku|otevreno|acik|deschis|открыта",
    "вработе",
    "emaberto|nyitott|otvoreno|terbuka|terminvereinbart|angebotgesendet|vertraggesendet",
    "オープン|未结束|進行中|商談中|进行中|進行|진행중|กำลังดำเนินการ",
)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """`won` is 1.0 or 0.0 for every row in `rows`; rows without an outcome are left out, of them
    `undecided` say that they are open."""

    rows: Ints
    won: Floats
    won_word: str
    lost_word: str
    undecided: int = 0

    def first(self, most: int) -> Outcomes:
        """At most so many rows, the first."""
        return replace(self, rows=self.rows[:most], won=self.won[:most])


def meaning(cell: str | None) -> float | None:
    """1.0 for won, 0.0 for lost, None for everything else ("Closed Won", "1.0", "yes", …)."""
    if cell is None:
        return None
    text = cell.strip().casefold()
    number = number_of(text)
    if number is not None:
        return {1.0: 1.0, 0.0: 0.0, -1.0: 0.0}.get(number)
    for word in _readings(text):
        if word in WON_WORDS:
            return 1.0
        if word in LOST_WORDS:
            return 0.0
    return None


def is_open(cell: str) -> bool:
    """Whether the cell says that nothing is decided yet ("Open", "Proposal sent", "offen")."""
    return any(word in OPEN_WORDS for word in _readings(cell)) or is_no_answer(cell, other=False)


def _readings(text: str) -> tuple[str, ...]:
    """The text as one word; without what stands in brackets; before and after its colon or dash."""
    outside = re.sub(r"\([^()]{0,60}\)", " ", text)
    parts = re.split(r" ?[:|>–—] ?| - ", outside)
    return tuple(words_of(part).replace(" ", "") for part in (text, outside, parts[-1], parts[0]))


def parse_outcomes(table: Table, column: str, won_word: str | None = None) -> Outcomes:
    """Read the outcome of every row that has one; with `won_word` that word means won and all
    others lost. BadInput names the column and the values found."""
    cells = table.column(column)
    known = [(i, c) for i, c in enumerate(cells) if c is not None and level_of(c) is not None]
    if not known:
        raise BadInput(f"the outcome column {column!r} is empty in every row")
    wanted = level_of(won_word) if won_word is not None else None
    if won_word is not None and wanted not in {level_of(c) for _, c in known}:
        raise BadInput(
            f"no row of the outcome column {column!r} says {won_word!r}; "
            f"it holds {shown(c for _, c in known)}",
            problems=(f"column {column!r}: no row says {won_word!r}",),
        )

    def won_of(cell: str) -> float | None:
        return meaning(cell) if wanted is None else float(level_of(cell) == wanted)

    undecided = {i for i, c in known if is_open(c) and not won_of(c) and meaning(c) is None}
    known = [(i, c) for i, c in known if i not in undecided]
    if not known:
        raise BadInput(
            f"the outcome column {column!r} holds no won and no lost row, only open ones"
        )
    read = [(i, won_of(c)) for i, c in known]
    strange = [c for (_, c), (_, won) in zip(known, read, strict=True) if won is None]
    if strange:
        raise BadInput(
            f"the outcome column {column!r} must say won or lost (1/0, yes/no, true/false, "
            f"Won/Lost); it also holds {shown(strange)}: name the word that means won with --won",
            problems=(f"column {column!r}: {len(set(strange))} values are neither won nor lost",),
        )
    words: dict[float | None, str] = {}
    for (_, cell), (_, won) in zip(known, read, strict=True):
        words.setdefault(won, cell.strip())
    return Outcomes(
        rows=np.array([i for i, _ in read], dtype=np.intp),
        won=np.array([won for _, won in read], dtype=np.float64),
        won_word=words.get(1.0, ""),
        lost_word=words.get(0.0, ""),
        undecided=len(undecided),
    )


def require_both(outcomes: Outcomes, column: str) -> None:
    """A model needs both kinds; BadInput says which one is absent."""
    won = int(outcomes.won.sum())
    lost = len(outcomes.won) - won
    if won and lost:
        return
    absent, present = ("won", "lost") if not won else ("lost", "won")
    raise BadInput(
        f"the outcome column {column!r} holds no {absent} row ({won + lost} {present}): "
        "a model needs both won and lost leads",
        problems=(f"column {column!r}: 0 {absent} of {won + lost}",),
    )
