"""Writes what other languages and folders have copies of: `python -m backend.web.generated`.

The card's zod schemas (`backend.web.card.typescript`), the console's typed client, and the words
of causes, flags and groups for both, which share no code with the backend. Tests hold the files
to their sources.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from backend.vocabulary import CAUSE_WORDS, FLAG_WORDS, GROUP_WORDS, NEIGHBOUR_WORDS
from backend.web.api import RESOURCES
from backend.web.api.framework.python_client import python_client
from backend.web.card import typescript

ROOT = Path(__file__).resolve().parents[2]
NOTE = "Made from `backend/vocabulary.py` by `python -m backend.web.generated`. Do not edit."


def files() -> dict[Path, str]:
    """What each generated file holds."""
    return typescript.files() | {
        typescript.APP / "cards/api/vocabulary.ts": _typescript(),
        ROOT / "console/vocabulary.py": _python(),
        ROOT / "console/api.py": python_client(
            route for resource in RESOURCES for route in resource.routes.listed
        ),
    }


def main() -> None:
    """Write the files."""
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")


def _tables() -> dict[str, Mapping[str, object]]:
    flags = {
        flag.value: {"title": words.title, "text": words.text, "tone": words.tone}
        for flag, words in FLAG_WORDS.items()
    }
    causes = {cause.value: words for cause, words in CAUSE_WORDS.items()}
    return {
        "CAUSES": causes,
        "FLAGS": flags,
        "GROUPS": GROUP_WORDS,
        "NEIGHBOURS": NEIGHBOUR_WORDS,
    }


def _typescript() -> str:
    types = {"FLAGS": "Record<string, { title: string; text: string; tone: 'warning' | 'info' }>"}
    blocks = [
        f"export const {name}: {types.get(name, 'Record<string, string>')} = "
        f"{json.dumps(table, indent=2, ensure_ascii=False)};\n"
        for name, table in _tables().items()
    ]
    return "\n".join([f"// {NOTE}", *blocks])


def _python() -> str:
    types = {"FLAGS": "Mapping[str, Mapping[str, str]]"}
    blocks = [
        f"{name}: Final[{types.get(name, 'Mapping[str, str]')}] = "
        f"{json.dumps(table, indent=4, ensure_ascii=False)}\n"
        for name, table in _tables().items()
    ]
    head = f'"""{NOTE}"""\n\n# ruff: noqa: E501\n# fmt: off\nfrom collections.abc import Mapping\n'
    return head + "from typing import Final\n\n" + "\n".join(blocks)


if __name__ == "__main__":
    main()
