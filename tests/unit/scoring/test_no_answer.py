"""Words for "no answer" are unknown, whatever the field and the language; a line is a case."""

from __future__ import annotations

import pytest

from backend.model import PROFILE_FIELDS
from backend.scoring.facts.contact_facts import contact_facts
from backend.scoring.scorecard.cells import FieldCells
from backend.scoring.values import bins
from backend.scoring.values.no_answer import is_no_answer

NO_ANSWERS = [
    "",
    "-",
    "--",
    "—",
    "???",
    ".",
    "n.a.",
    "N/A",
    "#N/A",
    "n/a",
    "NaN",
    "k.A.",
    "s. o.",
    "n.v.t.",
    "ns/nc",
    "none",
    "null",
    "Nil",
    "undefined",
    "(No value)",
    "(blank)",
    "TBD",
    "Not specified",
    "Not provided",
    "I don't know",
    "Please select",
    "--- Please Select ---",
    "Select an option",
    "prefer not to say",
    "unknown",
    "test",
    "Test",
    "asdf",
    "xxx",
    "keine Angabe",
    "Unbekannt",
    "Bitte wählen",
    "Non renseigné",
    "Inconnu",
    "Veuillez sélectionner",
    "No especificado",
    "Prefiero no decirlo",
    "Não informado",
    "Selecione",
    "Non specificato",
    "Onbekend",
    "Ikke angivet",
    "Ikke oppgitt",
    "Ej angivet",
    "Ei tiedossa",
    "Nie podano",
    "Brak danych",
    "Neuvedeno",
    "Bilinmiyor",
    "Nu știu",
    "Nincs megadva",
    "Nije navedeno",
    "Tidak diketahui",
    "Không xác định",
    "Не указано",
    "不明",
    "未設定",
    "選択してください",
    "未填写",
    "请选择",
    "請選擇",
    "알 수 없음",
    "선택하세요",
    "ไม่ระบุ",
    "กรุณาเลือก",
    "Select industry...",
    "-- Choose your country --",
    "none selected",
    "undefined undefined",
    "[object Object]",
    "xxxxx",
    "Bitte wählen Sie",
    "möchte ich nicht angeben",
    "(Aucune valeur)",
    "Ne souhaite pas répondre",
    "Selecciona una opción",
    "Prefiro não informar",
    "Preferisco non dirlo",
    "Vill ej uppge",
    "En osaa sanoa",
    "(Brak wartości)",
    "(Žádná hodnota)",
    "(Değer yok)",
    "(Fără valoare)",
    "(Nincs érték)",
    "(Bez vrijednosti)",
    "(Tidak ada nilai)",
    "(Không có giá trị)",
    "(Нет значения)",
    "（无值）",
    "(無值)",
    "不便透露",
    "선택 없음",
    "(ไม่มีค่า)",
]
OTHERS = ["Other", "Others", "Other / not listed", "Sonstige", "Autre", "Otro", "Outros", "Altro"]
OTHERS += ["Overig", "Andet", "Annet", "Övrigt", "Muu", "Inne", "その他", "其他", "기타", "อื่นๆ"]
ANSWERS = ["120", "SO", "IT", "C++", "R", "0", "Software", "No", "Testing", "nein", "ABC"]
ANSWERS += [
    "Select Medical",
    "Choose Energy",
    "ND",
    "NC",
    "KA",
    "Name Brands",
    "XXL",
    "Private Equity",
]


@pytest.mark.parametrize("field", PROFILE_FIELDS)
@pytest.mark.parametrize("text", [*NO_ANSWERS, *OTHERS])
def test_no_answer_is_unknown_in_every_profile_field(text: str, field: str) -> None:
    assert not bins.parse(field, text)
    assert not bins.strict(field, text, row=2, column="x")


@pytest.mark.parametrize("text", NO_ANSWERS)
def test_no_answer_is_unknown_as_a_title_and_as_an_enumeration(text: str) -> None:
    given = {"jobtitle": text, "hs_lead_status": text, "hs_buying_role": text}
    assert contact_facts(given, {}) == {}


@pytest.mark.parametrize("text", ["Bitte wählen", "Not specified", "Unbekannt", "不明"])
def test_no_answer_is_unknown_to_people_as_a_level_of_a_model(text: str) -> None:
    cells = FieldCells(name="x", kind="levels", levels=("a", text.casefold()), labels=("a", text))
    assert cells.unknown == (0, 3)


@pytest.mark.parametrize("text", ANSWERS)
def test_an_answer_is_none(text: str) -> None:
    assert not is_no_answer(text)


def test_other_is_an_answer_among_levels() -> None:
    assert not is_no_answer("Other", other=False)
