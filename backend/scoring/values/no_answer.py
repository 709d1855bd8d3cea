"""Words for "no answer": what forms, exports and people write where nothing is known.

One table for every field. A spelling is compared without capitals, accents and punctuation, so
"n.a.", "N/A" and "#N/A" are one line. To add a spelling, add its words to its language's line.
"""

from __future__ import annotations

from typing import Final

from backend.scoring.values.folding import words_of

LONGEST: Final = 60  # characters; longer text says something

_NO_ANSWER: Final = {
    "lists": "etc|et cetera|usw|and more|und mehr",
    "exports": "undefined undefined|null null|object object|no values|none selected|none given|"
    "unassigned|name|nvt|nsp|na na|n a not applicable|div 0|"
    "nan|nil|null|none|undefined|void|empty|blank|no value|no data|missing|value|"
    "div0|ref|name error|not a number|nat|unset|not set|not available|not applicable|inf",
    "English": "no industry|no company|no country|no answer given|not answered yet|not entered|"
    "not available yet|rather not answer|"
    "unknown|unknown company|unkown|not known|not specified|unspecified|not provided|"
    "not given|not stated|not disclosed|undisclosed|not listed|not sure|unsure|no answer|"
    "no response|"
    "no information|no info|dont know|do not know|i dont know|idk|tbd|tba|tbc|to be determined|"
    "to be confirmed|to be defined|to be announced|pending|prefer not to say|prefer not to answer|"
    "prefer not to disclose|rather not say|decline to answer|confidential|select|please select|"
    "select one|please select one|select an option|please select an option|select option|"
    "choose|please choose|choose one|please choose one|choose an option|pick one|no selection|"
    "nothing selected|not selected|not answered|unanswered|no preference|private|withheld",
    "placeholders": "xx|xxxxx|xxxxxx|asdfgh|asdfghjkl|testfirma|test inc|foo bar|dummy company|"
    "sample company|example company|"
    "test|test test|test company|test 123|asdf|asdfasdf|"
    "qwerty|xxx|xxxx|foo|bar|foobar|lorem ipsum|dummy|sample|example|placeholder",
    "German": "bitte wahlen sie|bitte wahlen sie aus|bitte auswahlen sie|wahlen sie eine option|"
    "option wahlen|bitte eine option wahlen|mochte ich nicht angeben|"
    "keine angabe gewunscht|nicht relevant|keine ahnung|unbek|entf|nicht erfasst|"
    "nicht ausgefullt|nicht festgelegt|keine werte|"
    "unbekannt|keine angabe|keine angaben|keine|keine auswahl|keine antwort|"
    "keine daten|keine information|nicht bekannt|nicht angegeben|ohne angabe|ohne angaben|"
    "nicht verfugbar|nicht zutreffend|entfallt|bitte wahlen|bitte auswahlen|auswahlen|"
    "weiss nicht|weiss ich nicht|leer|offen|nicht definiert|kein wert|mochte ich nicht sagen",
    "French": "aucune valeur|pas de valeur|valeur inconnue|veuillez selectionner une option|"
    "selectionnez une option|selectionner une option|choisissez|choisissez une option|"
    "choisir une option|je prefere ne pas le dire|ne souhaite pas repondre|"
    "ne se prononce pas|non repondu|non concerne|sans|"
    "inconnu|inconnue|non renseigne|non renseignee|non precise|non precisee|"
    "non specifie|non specifiee|non communique|non communiquee|non applicable|sans objet|"
    "non defini|non definie|aucun|aucune|aucune reponse|pas de reponse|sans reponse|ne sait pas|"
    "je ne sais pas|selectionner|selectionnez|veuillez selectionner|choisir|veuillez choisir|vide|"
    "non disponible|non determine|prefere ne pas repondre|je prefere ne pas repondre",
    "Spanish": "selecciona una opcion|elige una opcion|elige|elegir una opcion|ningun valor|"
    "no contesta|no sabe no contesta|prefiero no contestar|no responde|sin contestar|"
    "no corresponde|por definir|"
    "desconocido|desconocida|no especificado|no especificada|sin especificar|"
    "no disponible|no aplica|no aplicable|sin respuesta|sin datos|sin informacion|no informado|"
    "no definido|sin definir|ninguno|ninguna|no lo se|no sabe|ns nc|seleccionar|seleccione|"
    "selecciona|por favor seleccione|por favor selecciona|seleccione una opcion|elegir|vacio|"
    "prefiero no decirlo|prefiero no responder|no indicado|sin valor|elija una opcion",
    "Portuguese": "prefiro nao informar|"
    "escolha uma opcao|nenhum valor|nao preenchido|nao respondeu|"
    "nao quero informar|a definir|por favor escolha|"
    "desconhecido|desconhecida|nao especificado|nao especificada|nao informado|"
    "nao informada|nao disponivel|nao aplicavel|nao se aplica|sem resposta|sem informacao|"
    "sem dados|nao definido|nenhum|nenhuma|nao sei|nao sabe|selecione|selecionar|"
    "por favor selecione|"
    "selecione uma opcao|escolha|vazio|prefiro nao dizer|prefiro nao responder|nao indicado|"
    "sem valor",
    "Italian": "seleziona unopzione|preferisco non dirlo|nessun dato|non risponde|"
    "scegli unopzione|non fornito|da definire|selezionare una voce|non compilato|"
    "sconosciuto|sconosciuta|non specificato|non specificata|non disponibile|"
    "non applicabile|non indicato|non indicata|nessuno|nessuna|nessuna risposta|non so|"
    "non definito|seleziona|selezionare|selezionare unopzione|si prega di selezionare|scegli|vuoto|"
    "preferisco non rispondere|nessun valore|non noto|non pervenuto",
    "Dutch": "geen gegevens|geen waarden|selecteer een optie|wil ik niet zeggen|"
    "niet bekend gemaakt|nog niet bekend|niets geselecteerd|niet relevant|"
    "maak een selectie|"
    "onbekend|niet bekend|niet opgegeven|niet gespecificeerd|niet ingevuld|"
    "niet van toepassing|niet beschikbaar|geen|geen antwoord|geen opgave|weet niet|weet ik niet|"
    "selecteer|selecteren|maak een keuze|kies|kies een optie|leeg|geen waarde|zeg ik liever niet",
    "Danish": "ingen data|vaelg en mulighed|vil ikke oplyse|ikke udfyldt|ingen vaerdier|"
    "ikke valgt|"
    "ukendt|ikke angivet|ikke oplyst|ikke specificeret|ikke relevant|ikke tilgaengelig|"
    "intet svar|ingen|ved ikke|vaelg|vaelg venligst|tom|ingen vaerdi|onsker ikke at oplyse",
    "Norwegian": "velg et alternativ|vil ikke oppgi|ikke utfylt|ingen verdier|ikke valgt|"
    "vil ikke svare|"
    "ukjent|ikke oppgitt|ikke spesifisert|ikke aktuelt|ikke tilgjengelig|"
    "ingen svar|vet ikke|velg|vennligst velg|ingen verdi|onsker ikke a oppgi",
    "Swedish": "valj ett alternativ|vill ej uppge|vill inte uppge|inga varden|ej ifyllt|inte valt|"
    "ej svar|uppgift saknas|"
    "okand|okant|ej angivet|ej angiven|inte angivet|ej specificerat|ej tillampligt|"
    "ej tillganglig|inget svar|inga|vet inte|vet ej|valj|vanligen valj|saknas|inget varde|"
    "vill inte saga|ej aktuellt",
    "Finnish": "en osaa sanoa|valitse vaihtoehto|ei valittu|ei tietoa|ei vastannut|"
    "en halua vastata|ei arvoja|"
    "tuntematon|ei tiedossa|ei ilmoitettu|ei maaritelty|ei saatavilla|"
    "ei sovellettavissa|"
    "ei vastausta|ei mitaan|en tieda|valitse|tyhja|ei arvoa|en halua kertoa",
    "Polish": "brak wartosci|wole nie odpowiadac|nie wybrano|wybierz opcje|nieokreslona|"
    "odmowa odpowiedzi|nie chce podawac|"
    "nieznany|nieznana|nieznane|nie podano|nieokreslone|nieokreslony|nie dotyczy|"
    "brak|brak danych|brak odpowiedzi|brak informacji|nie wiem|wybierz|prosze wybrac|pusty|"
    "wole nie mowic|niedostepne",
    "Czech": "zadna hodnota|zadne hodnoty|bez hodnoty|vyberte moznost|nevyplneno|nezadano|"
    "nechci odpovidat|"
    "neznamy|neznama|nezname|neznamo|neuvedeno|neurceno|nespecifikovano|nelze pouzit|"
    "neni k dispozici|zadny|zadna|zadne|bez odpovedi|nevim|vyberte|prosim vyberte|nechci uvest",
    "Turkish": "deger yok|bir secenek secin|belirtmek istemiyorum|secilmedi|tanimsiz|bilgi yok|"
    "girilmemis|"
    "bilinmiyor|bilinmeyen|belirtilmemis|belirtilmedi|yok|uygulanamaz|cevap yok|"
    "bilmiyorum|seciniz|secin|lutfen seciniz|lutfen secin|bos|mevcut degil",
    "Romanian": "fara valoare|nicio valoare|alegeti|alegeti o optiune|selectati o optiune|"
    "prefer sa nu raspund|nedefinit|"
    "necunoscut|necunoscuta|nespecificat|fara raspuns|niciunul|nu stiu|selectati|"
    "va rugam selectati|nu este cazul|indisponibil",
    "Hungarian": "nincs ertek|nincs kivalasztva|nem kivanok valaszolni|nem valaszolt|"
    "kerem valasszon|"
    "ismeretlen|nem ismert|nincs megadva|nincs adat|nem alkalmazhato|nem tudom|"
    "valasszon|kerjuk valasszon|nincs",
    "Croatian": "bez vrijednosti|nema vrijednosti|nije odabrano|ne zelim odgovoriti|nedefinirano|"
    "nepoznato|nije navedeno|nije primjenjivo|bez odgovora|nijedan|ne znam|odaberite|"
    "molimo odaberite|nema podataka",
    "Indonesian": "tidak ada nilai|pilih salah satu|pilih opsi|belum diisi|tidak ada data|"
    "lebih suka tidak menjawab|"
    "tidak diketahui|tidak ada|tidak disebutkan|tidak berlaku|tidak tersedia|"
    "tidak tahu|pilih|silakan pilih|kosong",
    "Vietnamese": "khong co gia tri|khong co du lieu|chon mot|chua chon|khong muon tra loi|"
    "khong ap dung|chua co thong tin|"
    "khong ro|khong xac dinh|khong co|chua xac dinh|vui long chon|chon|khong biet",
    "Russian": "нет значения|не определен|не определена|не выбрано|не заполнено|нет информации|"
    "предпочитаю не отвечать|затрудняюсь ответить|"
    "неизвестно|неизвестныи|не указано|не указан|нет данных|нет ответа|"
    "не применимо|не знаю|выберите|пожалуиста выберите|не определено|не задано",
    "Ukrainian": "невідомо|не вказано|немає даних|оберіть|виберіть",
    "Bulgarian": "неизвестен|не е посочено|не е посочен|няма|изберете|моля изберете",
    "Greek": "αγνωστο|μη διαθεσιμο|δεν εχει οριστει|δεν γνωριζω|επιλεξτε",
    "Japanese": "値がありません|"
    "値なし|選択なし|お答えできない|答えられない|回答したくない|特に無し|未記入|"
    "不明|未定|未設定|未入力|未回答|未選択|回答なし|無回答|なし|無し|該当なし|該当無し|"
    "特になし|その他未定|選択してください|選択して下さい|お選びください|わからない|分からない|"
    "指定なし|未指定|未登録|答えたくない|回答しない|データなし|値なし",
    "Chinese": "无值|"
    "無值|没有值|沒有值|空值|不愿透露|不願透露|不便透露|不想说|未选|暂未填写|尚未填寫|未回答|请选择一项|"
    "未知|不详|不詳|未填写|未填寫|未指定|未说明|未說明|未提供|未设置|未設定|无|無|"
    "暂无|暫無|没有|沒有|不适用|不適用|不知道|请选择|請選擇|不清楚|保密|未选择|未選擇|无数据|"
    "無資料",
    "Korean": "값이 없음|"
    "선택|선택 없음|선택안함|미선택|응답하지 않음|답변 안 함|밝히고 싶지 않음|데이터 없음|"
    "알 수 없음|알수없음|미정|미상|미입력|미지정|미설정|없음|해당 없음|해당없음|무응답|"
    "응답 없음|모름|선택하세요|선택해 주세요|선택해주세요|선택 안함|값 없음",
    "Thai": "ไม่มีค่า|ไม่ได้ระบุ|ไม่ประสงค์ระบุ|ไม่ต้องการระบุ|ยังไม่ระบุ|ไม่มีคำตอบ|"
    "ไม่ได้เลือก|"
    "ไม่ทราบ|ไม่ระบุ|ไม่มี|ไม่มีข้อมูล|ไม่เกี่ยวข้อง|กรุณาเลือก|โปรดเลือก|เลือก|ไม่รู้",
}
# Initials, with points or strokes between them: "n.a.", "k. A.", "s/o". Without they are codes of
# countries and states; only "NA" is not.
_INITIALS: Final = frozenset(
    {"na", "ka", "kea", "nr", "so", "nd", "nvt", "nc", "nsp", "nsnc", "tbd"}
)
# "None of the listed ones": no value of a profile's field, but in a table an answer like another.
_OTHER: Final = (
    "other|others|other not listed|other please specify|please specify|something else|"
    "none of the above|none of these|not in list|not in the list|misc|miscellaneous|various|"
    "other industry|other industries|other specify|all other|"
    "sonstige|sonstiges|sonstiger|andere|anderes|anderer|diverse|diverses|verschiedenes|"
    "sonstige bitte angeben|andere bitte angeben|autre preciser|autre veuillez preciser|"
    "otro especifique|otro especificar|outro especifique|altro specificare|anders namelijk|"
    "sonstige branche|andere branche|keine der genannten|"
    "autre|autres|divers|autre secteur|aucun de ces choix|autre a preciser|"
    "otro|otra|otros|otras|otro no listado|otro sector|varios|ninguno de los anteriores|"
    "outro|outra|outros|outras|diversos|nenhum dos anteriores|"
    "altro|altra|altri|altre|altro settore|vari|nessuno dei precedenti|"
    "anders|overig|overige|andere sector|andet|andre|annet|annat|ovrigt|ovriga|ovrig|muu|muut|"
    "inny|inna|inne|pozostale|jiny|jina|jine|ostatni|ostalo|drugo|diger|diger belirtiniz|"
    "altul|alta|altele|egyeb|mas|lainnya|lain lain|khac|"
    "другое|прочее|иное|інше|друго|αλλο|その他|其他|其它|기타|อื่น|อื่นๆ|อื่น ๆ"
)


# What the empty first choice of a list says: "Select an industry", "Choose your country...".
_CHOICES: Final = frozenset(
    " ".join(f"{please} {verb} {article} {what}".split())
    for please in ("", "please")
    for verb in ("select", "choose", "pick")
    for article in ("", "a", "an", "the", "your", "one")
    for what in (
        *("industry", "sector", "country", "region", "location", "state", "company size", "size"),
        *(
            "budget",
            "revenue",
            "range",
            "value",
            "answer",
            "title",
            "job title",
            "role",
            "from list",
        ),
    )
)


def _spellings(line: str) -> frozenset[str]:
    return frozenset(words_of(spelling) for spelling in line.split("|"))


_UNKNOWN: Final = _CHOICES.union(*(_spellings(line) for line in _NO_ANSWER.values()))
_UNLISTED: Final = _spellings(_OTHER)


def is_no_answer(text: str, *, other: bool = True) -> bool:
    """Whether the text stands for "nothing known". `other`: so does "Other" and its like."""
    if len(text) > LONGEST:
        return not text.strip()
    words = words_of(text)
    if not words:
        return True
    parts = words.split()
    if words in _UNKNOWN or words == "na":
        return True
    if len(parts) > 1 and all(len(part) == 1 for part in parts) and "".join(parts) in _INITIALS:
        return True
    return other and words in _UNLISTED
