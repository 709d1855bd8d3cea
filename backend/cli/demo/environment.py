"""What the demo stands on: ports, a folder of its own, random keys, the environment."""

from __future__ import annotations

import base64
import fcntl
import os
import secrets
import shutil
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from backend import private_files
from backend.config import port_of
from backend.errors import Conflict

ROOT = Path(__file__).resolve().parents[3]
HOME = ROOT / ".leadlight"
SEED = "7"  # of the demo's portal; "real": one that has been in use for years


@dataclass(frozen=True, slots=True)
class Ports:
    """Where each part listens, on loopback."""

    web: int
    console: int
    sandbox: int
    valkey: int

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Ports:
        """Defaults that an admin's own services rarely use. Raises BadSettings for no port."""
        return cls(
            web=port_of(environ, "PORT", 8000),
            console=port_of(environ, "CONSOLE_PORT", 8501),
            sandbox=port_of(environ, "SANDBOX_PORT", 9001),
            valkey=port_of(environ, "VALKEY_PORT", 6390),
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


@dataclass(frozen=True, slots=True)
class Stage:
    """One set of processes: where they listen, where they keep things, how large the portal is."""

    ports: Ports
    folder: Path
    seed: str = SEED
    contacts: int | None = None
    rate_limit: bool = True
    workers: int = 2
    parts: tuple[str, ...] = ("valkey", "sandbox", "web", "cron", "console", "worker")

    @property
    def web(self) -> str:
        """Where the product answers."""
        return f"http://localhost:{self.ports.web}"

    @property
    def sandbox(self) -> str:
        """Where the local portal answers."""
        return f"http://localhost:{self.ports.sandbox}"

    @property
    def console(self) -> str:
        """Where managers look."""
        return f"http://localhost:{self.ports.console}"

    def log_of(self, name: str) -> Path:
        """Where a process writes."""
        return self.folder / "logs" / f"{name}.log"

    def make_folder(self) -> None:
        """The portal begins anew with every start, so the database does, too."""
        shutil.rmtree(self.folder, ignore_errors=True)
        private_files.make_folder(self.folder / "logs")


def only_one() -> IO[str]:
    """A lock that dies with this process; raises Conflict while another demo runs."""
    private_files.make_folder(HOME)
    HOME.chmod(private_files.FOLDER_MODE)
    handle = private_files.open_to_write(HOME / "demo.lock")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        raise Conflict("a demo is running already in this folder: stop it with Ctrl-C") from None
    return handle


def environment(stage: Stage, keys: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The product's settings; random keys are made once and kept in an ignored file."""
    return {
        **{name: value for name, value in environ.items() if name not in _OVERRULED},
        **_keys(keys),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{environ.get('PATH', '')}",
        "PUBLIC_BASE_URL": stage.web,
        "PORT": str(stage.ports.web),
        "CONSOLE_PORT": str(stage.ports.console),
        "DATABASE_URL": f"sqlite:///{stage.folder / 'leadlight.db'}",
        "REDIS_URL": f"redis://127.0.0.1:{stage.ports.valkey}/0",
        "HUBSPOT_API_BASE": stage.sandbox,
        "HUBSPOT_AUTHORIZE_BASE": stage.sandbox,
        "HUBSPOT_LISTED": "yes",
        "SANDBOX_WEBHOOK_URL": f"{stage.web}/webhooks/hubspot",
        "CONSOLE_API_URL": stage.web,
        "CONSOLE_PUBLIC_URL": stage.console,
        "LOG_LEVEL": "INFO",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONUNBUFFERED": "1",
    }


# The demo never speaks to a real account, whatever this shell is set up for.
_OVERRULED = frozenset(
    {
        "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
        "PINECONE_API_KEY",
        "PINECONE_INDEX_HOST",
        "SUPABASE_URL",
        "SUPABASE_KEY",
        "ALERT_WEBHOOK_URL",
        "HUBSPOT_API_VERSION",
    }
)


def _keys(path: Path) -> dict[str, str]:
    if not path.exists():
        made = {
            "ENCRYPTION_KEYS": f"demo:{base64.b64encode(secrets.token_bytes(32)).decode()}",
            "SESSION_SECRET": secrets.token_urlsafe(32),
            "HUBSPOT_CLIENT_ID": secrets.token_hex(16),
            "HUBSPOT_CLIENT_SECRET": secrets.token_hex(24),
            "HUBSPOT_APP_ID": str(1_000_000 + secrets.randbelow(8_000_000)),
        }
        with private_files.open_to_write(path) as file:
            file.writelines(f"{name}={value}\n" for name, value in made.items())
    private_files.make_file(path)
    lines = path.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)
