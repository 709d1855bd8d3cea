"""Technologies as people list them; a line is a case."""

from __future__ import annotations

import pytest

from backend.scoring.values.bins import technologies

LISTS = [
    ("SAP S/4HANA", ("sap",)),
    ("SAP S/4 HANA; CI/CD", ("ci/cd", "sap")),
    ("CI/CD, Python", ("ci/cd", "python")),
    ("TCP/IP|UI/UX", ("tcp/ip", "ui/ux")),
    ("PL/SQL", ("pl/sql",)),
    ("Amazon Web Services (AWS)", ("aws",)),
    ("AWS (Amazon Web Services)", ("aws",)),
    ("Google Cloud Platform (GCP), k8s", ("google cloud", "kubernetes")),
    ('["Python","AWS"]', ("aws", "python")),
    ("['Python', 'AWS']", ("aws", "python")),
    ("{Python, AWS}", ("aws", "python")),
    ("C/C++", ("c", "c++")),
    ("R/Python", ("python", "r")),
    ("React/Vue", ("react", "vue")),
    ("n/a", ()),
    ("None; keine Angabe", ()),
    ("[]", ()),
    ("• Python\n• Java", ("java", "python")),
    ("Python、Java", ("java", "python")),
    ("Python 3.11, SQL Server 2019, SAP ECC 6.0", ("python", "sap", "sql server")),
    ("Dynamics 365, Office 365, Windows 11", ("dynamics 365", "microsoft 365", "windows 11")),
    ("Python, etc.", ("python",)),
]


@pytest.mark.parametrize(("text", "expected"), LISTS)
def test_a_list_of_technologies_is_cut_between_its_names(
    text: str, expected: tuple[str, ...]
) -> None:
    assert technologies(text) == expected
