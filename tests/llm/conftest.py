"""A language model on this machine behind OpenAI's wire; `make test-llm` installs it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.clients.openai.analyst import OpenAiAnalyst
from backend.clients.openai.api import OpenAiApi
from backend.clients.openai.reader import OpenAiReader
from backend.clients.redis.breaker import Breaker
from backend.config import Price
from backend.storage.migrate import upgrade
from backend.wiring import Product
from tests.integration.conftest import Connected, cloned, connected, prepared, seed, unconnected
from tests.llm.serve import MODEL
from tests.support.product import changed

__all__ = ["cloned", "connected", "prepared", "seed", "unconnected"]
PATIENCE_S = 600.0  # one slot answers all, and a busy machine writes five tokens a second


@pytest.fixture(scope="session")
def model_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the model answers until the tests end."""
    directory = tmp_path_factory.mktemp("model")
    with (directory / "log").open("w") as log:
        command = [sys.executable, "-m", "tests.llm.serve", str(directory)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            assert address, (directory / "log").read_text()
            yield f"{address}/v1"
            process.kill()


@pytest.fixture
def contacts() -> int:
    """Few: one answer takes seconds here, on a busy machine a minute."""
    return 2


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """What the model says does not depend on the database."""
    url = f"sqlite:///{tmp_path / 'leadlight.db'}"
    upgrade(url)
    return url


@pytest.fixture
def by_model(connected: Connected, model_url: str) -> Iterator[Product]:
    """The product of a scored portal, with the real model as analyst and text reader from now."""
    product = connected.product
    api = OpenAiApi(
        api_key="local",
        base_url=model_url,
        breaker=Breaker("openai", product.stores.redis, product.stores.clock),
        clock=product.stores.clock,
        read_timeout_s=PATIENCE_S,
    )
    analyst, reader = OpenAiAnalyst(api, MODEL, Price(0)), OpenAiReader(api, MODEL, Price(0))
    yield changed(product, analyst=analyst, reader=reader)
    api.close()
