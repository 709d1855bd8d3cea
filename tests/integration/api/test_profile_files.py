"""Files of ideal clients through the API: any bytes, columns asked for once and remembered."""

from __future__ import annotations

import zipfile
from base64 import b64encode
from io import BytesIO
from pathlib import Path
from typing import Any

from tests.integration.api.conftest import OWN, Desk

P = f"/portals/{OWN}/profiles"
HEADER = "Tätigkeitsfeld;Mitarbeiter;Umsatz;Land;Technologien;Budget"
ROW = "Computer Software;50-200;$1M-$10M;Germany;Python;$10k-$50k"
FILE = f"{HEADER}\n{ROW}\n".encode("cp1252")


def sent(desk: Desk, token: str, content: bytes, **more: Any) -> Any:
    body = {"name": "clients.csv", "file": b64encode(content).decode(), **more}
    return desk.ask("POST", P, token, body).get_json()


def test_a_column_is_asked_for_once_and_remembered(desk: Desk) -> None:
    token = desk.token(desk.person("manager"))
    asked = sent(desk, token, FILE)
    assert asked["version"] == 0
    assert asked["unmatched"]["missing"] == [{"field": "industry", "title": "Industry"}]
    (column,) = asked["unmatched"]["columns"]
    assert column == {"title": "Tätigkeitsfeld", "examples": ["Computer Software"]}
    told = sent(desk, token, FILE, columns={"industry": column["title"]})
    assert (told["version"], told["accepted"], told["unmatched"]) == (1, 1, None)
    assert sent(desk, token, FILE)["accepted"] == 1


def test_bytes_are_read_as_the_command_line_reads_them(desk: Desk) -> None:
    token = desk.token(desk.person("manager"))
    plain = "Industry;Mitarbeiter;Umsatz;Land;Technologien;Budget\n" + ROW
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        assert sent(desk, token, plain.encode(encoding))["accepted"] == 1, encoding
    assert sent(desk, token, b"PK\x03\x04 no workbook")["problems"]
    refused = desk.ask("POST", P, token, {"name": "x", "file": "no base64!"})
    assert refused.get_json()["problems"] == ["file: is not base64"] or refused.status_code >= 400


def test_a_workbook_is_read(desk: Desk) -> None:
    cells = [line.split(";") for line in (HEADER.replace("Tätigkeitsfeld", "Industry"), ROW)]
    rows = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{c}</t></is></c>' for c in line) + "</row>"
        for line in cells
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
        'relationships+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="a" '
        'sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        "</Relationships>",
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData>'
        "</worksheet>",
    }
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as book:
        for name, text in parts.items():
            book.writestr(name, text)
    token = desk.token(desk.person("manager"))
    told = sent(desk, token, packed.getvalue())
    assert told["accepted"] == 1, told


def test_the_console_decodes_no_file() -> None:
    source = Path("console/views/profile.py").read_text(encoding="utf-8")
    assert '.decode("utf' not in source and "cp1252" not in source
