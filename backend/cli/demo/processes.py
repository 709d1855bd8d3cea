"""Starts and stops everything: the Procfile's own commands, and what stands in for the outside."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from honcho.environ import parse_procfile
from honcho.manager import Manager
from honcho.printer import Printer

from backend.cli.demo.ground import FOLDER, ROOT, SEED, Ports

WORKERS = 2


def commands(ports: Ports) -> dict[str, str]:
    """Process name → shell command, in the order of starting."""
    python = shlex.quote(sys.executable)
    valkey_dir = shlex.quote(str(FOLDER / "valkey"))
    procfile = parse_procfile((ROOT / "Procfile").read_text()).processes
    found = {
        "valkey": f"{python} -m backend.embedded.valkey --port {ports.valkey} --dir {valkey_dir}",
        "sandbox": f"{python} -m sandbox serve --port {ports.sandbox} --seed {SEED}",
        "web": procfile["web"],
        "cron": procfile["cron"],
        "console": procfile["console"],
    }
    for number in range(1, WORKERS + 1):
        found[f"worker{number}"] = procfile["worker"]
    return found


def manager(ports: Ports, env: Mapping[str, str]) -> Manager:
    """Everything started when its `loop` runs, logging to a file each; one dies, all stop."""
    log = (FOLDER / "logs" / "processes.log").open("a")
    found = Manager(Printer(output=log))
    for name, command in commands(ports).items():
        found.add_process(
            name,
            f"exec {command} >> {shlex.quote(str(log_of(name)))} 2>&1",
            env=dict(env),
            cwd=str(ROOT),
        )
    return found


def log_of(name: str) -> Path:
    """Where a process writes."""
    return FOLDER / "logs" / f"{name}.log"
