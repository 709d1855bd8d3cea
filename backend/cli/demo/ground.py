"""What the demo stands on: ports, a folder of its own, random keys, the environment."""

from __future__ import annotations

import base64
import fcntl
import os
import secrets
import shutil
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from backend.errors import Conflict

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / ".leadlight" / "demo"
KEYS = ROOT / ".leadlight" / "demo.env"
SEED = "7"


@dataclass(frozen=True, slots=True)
class Ports:
    """Where each part listens, on loopback."""

    web: int
    console: int
    sandbox: int
    valkey: int

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Ports:
        """Defaults that an admin's own services rarely use; each can be chosen."""
        return cls(
            web=int(environ.get("PORT", "8000")),
            console=int(environ.get("CONSOLE_PORT", "8501")),
            sandbox=int(environ.get("SANDBOX_PORT", "9001")),
            valkey=int(environ.get("VALKEY_PORT", "6390")),
        )

    def check_free(self) -> None:
        """Raises Conflict naming every port that is taken and how to choose another."""
        names = {
            "PORT": self.web,
            "CONSOLE_PORT": self.console,
            "SANDBOX_PORT": self.sandbox,
            "VALKEY_PORT": self.valkey,
        }
        taken = [f"{port} ({name})" for name, port in names.items() if _is_taken(port)]
        if taken:
            raise Conflict(
                f"port {', '.join(taken)} is taken by another program. Stop it, or choose another: "
                "make demo PORT=8010 CONSOLE_PORT=8511 SANDBOX_PORT=9011 VALKEY_PORT=6391"
            )


def _is_taken(port: int) -> bool:
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
        except OSError as error:
            if error.errno == 98:  # address in use; a machine without IPv6 says something else
                return True
    return False


def only_one() -> IO[str]:
    """A lock that dies with this process; raises Conflict while another demo runs."""
    FOLDER.parent.mkdir(parents=True, exist_ok=True)
    handle = (FOLDER.parent / "demo.lock").open("w")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        raise Conflict("a demo is running already in this folder: stop it with Ctrl-C") from None
    return handle


def fresh_folder() -> None:
    """The portal begins anew with every demo, so the demo's database does, too."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    (FOLDER / "logs").mkdir(parents=True)


def environment(ports: Ports, environ: Mapping[str, str]) -> dict[str, str]:
    """The product's settings; random keys are made once and kept in an ignored file."""
    sandbox = f"http://localhost:{ports.sandbox}"
    web = f"http://localhost:{ports.web}"
    return {
        **{name: value for name, value in environ.items() if name not in _OVERRULED},
        **_keys(),
        "PATH": f"{ROOT / '.venv' / 'bin'}{os.pathsep}{environ.get('PATH', '')}",
        "PUBLIC_BASE_URL": web,
        "PORT": str(ports.web),
        "CONSOLE_PORT": str(ports.console),
        "DATABASE_URL": f"sqlite:///{FOLDER / 'leadlight.db'}",
        "REDIS_URL": f"redis://127.0.0.1:{ports.valkey}/0",
        "HUBSPOT_API_BASE": sandbox,
        "HUBSPOT_AUTHORIZE_BASE": sandbox,
        "SANDBOX_WEBHOOK_URL": f"{web}/webhooks/hubspot",
        "CONSOLE_API_URL": web,
        "CONSOLE_API_KEY_FILE": str(FOLDER / "console.key"),
        "LOG_LEVEL": "INFO",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONUNBUFFERED": "1",
    }


# The demo never speaks to a real account, whatever this shell is set up for.
_OVERRULED = frozenset(
    {
        "OPENAI_API_KEY", "OPENAI_BASE_URL", "PINECONE_API_KEY", "PINECONE_INDEX_HOST",
        "SUPABASE_URL", "SUPABASE_KEY", "ALERT_WEBHOOK_URL", "HUBSPOT_API_VERSION",
    }
)  # fmt: skip


def _keys() -> dict[str, str]:
    if not KEYS.exists():
        made = {
            "ENCRYPTION_KEYS": f"demo:{base64.b64encode(secrets.token_bytes(32)).decode()}",
            "SESSION_SECRET": secrets.token_urlsafe(32),
            "HUBSPOT_CLIENT_ID": secrets.token_hex(16),
            "HUBSPOT_CLIENT_SECRET": secrets.token_hex(24),
            "HUBSPOT_APP_ID": str(1_000_000 + secrets.randbelow(8_000_000)),
        }
        handle = os.open(KEYS, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.writelines(f"{name}={value}\n" for name, value in made.items())
    lines = KEYS.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)
