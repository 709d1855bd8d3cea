"""CSV files as people save them end up as records, or as a list of what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.commands.parser import run
from sandbox.errors import SandboxError
from sandbox.importing.reading import read_table
from sandbox.testing import QUICK, RunningSandbox, running_sandbox

REAL = Path(__file__).resolve().parents[3] / "shared/data/companies_remoteintech/companies.csv"


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(replace(QUICK, contacts=0)) as running:
        yield running


def load(sandbox: RunningSandbox, path: Path, *more: str) -> int:
    port = sandbox.url.rpartition(":")[2]
    return run(["import", str(path), "--port", port, *more], {})


def names(sandbox: RunningSandbox, kind: str = "companies", name: str = "name") -> list[str]:
    return [r.properties.get(name, "") for r in sandbox.portal.stores[kind]]


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [("utf-8", ","), ("utf-8-sig", ";"), ("cp1252", ";"), ("utf-16", "\t")],
)
def test_encodings_and_delimiters(
    sandbox: RunningSandbox, tmp_path: Path, encoding: str, delimiter: str
) -> None:
    path = tmp_path / "c.csv"
    text = "Company name;Employees;Segment\r\nMüller & Söhne;1,200;A\r\n\r\nCafé;50;B\r\n"
    path.write_bytes(text.replace(",", "").replace(";", delimiter).encode(encoding))
    assert load(sandbox, path) == 0
    assert names(sandbox) == ["Müller & Söhne", "Café"]
    first = next(iter(sandbox.portal.stores["companies"]))
    assert first.properties["numberofemployees"] == "1200"
    assert first.properties["segment"] == "A"
    assert first.source.kind == "IMPORT"


def test_words_in_a_number_column_become_a_custom_property(
    sandbox: RunningSandbox, tmp_path: Path
) -> None:
    path = tmp_path / "c.csv"
    path.write_text("name,company_size,industry\nA,50-200,Computer Software\nB,small,Retail\n")
    assert load(sandbox, path) == 0
    first = next(iter(sandbox.portal.stores["companies"]))
    assert first.properties["company_size"] == "50-200"
    assert first.properties["industry"] == "COMPUTER_SOFTWARE"


def test_wrong_cells_are_named_and_nothing_is_imported(
    sandbox: RunningSandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "p.csv"
    path.write_text("Email,First name\ngood@made-up.example,A\nnope,B\n,\nworse,C\n")
    assert load(sandbox, path, "--as", "contacts") == 1
    shown = capsys.readouterr().err
    assert "row 3, column Email" in shown and "row 5, column Email" in shown
    assert names(sandbox, "contacts") == []


def test_loading_twice_updates(sandbox: RunningSandbox, tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("name,website\nA,https://www.a.example/x\n")
    for _ in range(2):
        assert load(sandbox, path, "--with-contacts") == 0
    assert names(sandbox) == ["A"]
    assert names(sandbox, "contacts", "email") == ["lead@a.example"]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "no header"),
        ("a,b\n", "no rows"),
        ("a,a\n1,2\n", "row 1, column 2"),
        ("a,\n1,2\n", "row 1, column 2"),
        ("a,b\n1,2,3\n", "row 2: 3 cells"),
    ],
)
def test_a_file_that_is_no_table_is_explained(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(SandboxError, match=named):
        read_table(path)


def test_nobody_at_the_port_is_said_plainly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "c.csv"
    path.write_text("name\nA\n")
    assert run(["import", str(path), "--port", "9"], {}) == 1
    assert "python -m sandbox serve --port 9" in capsys.readouterr().err


@pytest.mark.needs_data
@pytest.mark.skipif(not REAL.exists(), reason="../shared/data is absent")
def test_real_companies_load_with_a_contact_each(sandbox: RunningSandbox) -> None:
    assert load(sandbox, REAL, "--with-contacts") == 0
    companies = list(sandbox.portal.stores["companies"])
    contacts = list(sandbox.portal.stores["contacts"])
    assert len(companies) == len(contacts) == 880  # two pairs share a domain
    fifteen = next(c for c in companies if c.properties["name"] == "15Five")
    assert fifteen.properties["technologies"] == "devops;javascript;python"
    assert fifteen.properties["domain"] == "15five.com"
    assert fifteen.properties["region"] == "americas-europe"
    assert fifteen.properties["company_size"] == "medium"
    assert "employee feedback" in fifteen.properties["description"]
