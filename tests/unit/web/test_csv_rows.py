from __future__ import annotations

from datetime import UTC, datetime

import pytest

from backend.web.api.framework.csv_rows import cell, lines


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "  =1"])
def test_a_text_that_a_spreadsheet_would_run_is_kept_a_text(text: str) -> None:
    assert cell(text) == f"'{text}"


def test_everything_else_stays_as_it_is() -> None:
    assert [cell(value) for value in (-3, 0.5, "a=b", None)] == [-3, 0.5, "a=b", ""]
    assert cell(datetime(2026, 11, 23, 9, 0, tzinfo=UTC)) == "2026-11-23T09:00:00+00:00"
    assert "".join(lines([["a", "b"], ['say "hi", please', 2]])) == (
        'a,b\r\n"say ""hi"", please",2\r\n'
    )
