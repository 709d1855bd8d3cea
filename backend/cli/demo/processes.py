"""Starts and stops everything: the Procfile's own commands, and what stands in for the outside."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping

from honcho.environ import parse_procfile
from honcho.manager import Manager
from honcho.printer import Printer

from backend import private_files
from backend.cli.demo.environment import ROOT, Stage

# Seconds. HubSpot's own spread over a day; nobody at a demo or a benchmark waits that long.
WEBHOOK_RETRIES = "1,3,10,30,60,120,300,600,1200,2400"


def commands(stage: Stage) -> dict[str, str]:
    """Process name → shell command, in the order of starting."""
    python = shlex.quote(sys.executable)
    valkey_dir = shlex.quote(str(stage.folder / "valkey"))
    procfile = parse_procfile((ROOT / "Procfile").read_text()).processes
    sandbox = f"{python} -m sandbox serve --port {stage.ports.sandbox} --seed {stage.seed}"
    sandbox += f" --webhook-retries {WEBHOOK_RETRIES}"
    if stage.contacts is not None:
        sandbox += f" --contacts {stage.contacts}"
    if not stage.rate_limit:
        sandbox += " --no-rate-limit"
    port = stage.ports.valkey
    found = {
        "valkey": f"{python} -m backend.embedded.valkey --port {port} --dir {valkey_dir}",
        "sandbox": sandbox,
        "web": procfile["web"],
        "cron": procfile["cron"],
        "console": procfile["console"],
    }
    found = {name: command for name, command in found.items() if name in stage.parts}
    if "worker" in stage.parts:
        found |= {f"worker{n}": procfile["worker"] for n in range(1, stage.workers + 1)}
    return found


def shell_line(stage: Stage, name: str, command: str) -> str:
    """The command with its output in a file of its own; what it makes is for its user alone."""
    return f"umask 077; exec {command} >> {shlex.quote(str(stage.log_of(name)))} 2>&1"


def manager(stage: Stage, env: Mapping[str, str]) -> Manager:
    """Everything started when its `loop` runs, logging to a file each; one dies, all stop."""
    log = private_files.open_to_append(stage.log_of("processes"))
    found = Manager(Printer(output=log))
    for name, command in commands(stage).items():
        found.add_process(name, shell_line(stage, name, command), env=dict(env), cwd=str(ROOT))
    return found
