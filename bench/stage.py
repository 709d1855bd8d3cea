"""Real processes for a benchmark: the demo's own, on free ports, in a folder that is removed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

import psutil
import requests
from rich.console import Console

from backend.cli.demo.environment import ROOT, Ports, Stage, environment
from backend.cli.demo.processes import commands, shell_line
from backend.cli.demo.scenario import Scenario
from bench.ports import free_port


class Running:
    """A started stage, with its scenario and its processes by name."""

    def __init__(self, stage: Stage, environ: Mapping[str, str] = MappingProxyType({})) -> None:
        self.stage = stage
        self.env = environment(stage, stage.folder / "keys.env", os.environ) | dict(environ)
        self.scenario = Scenario(stage, self.env, Console(stderr=True, quiet=True))
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """The schema, then everything."""
        self.scenario.prepare()
        for name in commands(self.stage):
            self.start_one(name)
        self.scenario.wait_for_servers()

    def start_one(self, name: str) -> None:
        """Start (or start again) one process in a group of its own."""
        line = shell_line(self.stage, name, commands(self.stage)[name])
        self.processes[name] = subprocess.Popen(
            ["/bin/sh", "-c", line], cwd=ROOT, env=self.env, start_new_session=True
        )

    def start_worker_on(self, host: str, prefix: list[str], environ: Mapping[str, str]) -> None:
        """One more worker, named after the host that `prefix` runs commands on."""
        log = self.stage.log_of(host)
        line = f"exec {sys.executable} -m backend.jobs.worker >> {log} 2>&1"
        self.processes[host] = subprocess.Popen(
            [*prefix, "/bin/sh", "-c", line],
            cwd=ROOT,
            env=self.env | dict(environ),
            start_new_session=True,
        )

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """The process and all its children, at once: a work horse is in a group of its own."""
        process = self.processes[name]
        for member in [psutil.Process(process.pid), *_children(process.pid)]:
            with suppress(psutil.NoSuchProcess):
                member.send_signal(number)
        process.wait(30)

    def stop(self) -> None:
        """Ask, then insist."""
        for process in self.processes.values():
            _signal(process, signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                _signal(process, signal.SIGKILL)
                process.wait(10)

    def stats(self) -> dict[str, Any]:
        """The sandbox's counts at the wire."""
        answer = requests.get(f"{self.stage.sandbox}/sandbox/stats", timeout=30)
        found: dict[str, Any] = answer.json()
        return found

    def pss_mb(self) -> dict[str, float]:
        """Proportional memory of each process with its children, in MB."""
        return {name: _pss(process.pid) for name, process in self.processes.items()}

    def held(self) -> dict[str, float]:
        """What all processes together hold now: `mb` of memory, open files, TCP connections."""
        pids = [process.pid for process in self.processes.values()]
        members = [m for pid in pids for m in [*_alive(pid), *_children(pid)]]
        found = {"mb": 0.0, "files": 0.0, "connections": 0.0}
        for member in members:
            with suppress(psutil.Error):
                found["mb"] += member.memory_full_info().pss / 1e6
                found["files"] += member.num_fds()
                found["connections"] += len(member.net_connections("tcp"))
        return found


def _alive(pid: int) -> list[psutil.Process]:
    try:
        return [psutil.Process(pid)]
    except psutil.NoSuchProcess:
        return []


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if process.poll() is None:
        os.killpg(process.pid, number)


def _children(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _pss(pid: int) -> float:
    try:
        root = psutil.Process(pid)
        members = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0.0
    total = 0
    for member in members:
        try:
            total += member.memory_full_info().pss
        except psutil.Error:
            continue
    return round(total / 1e6, 1)


def free_ports() -> Ports:
    """Four different ones that nobody listens on now."""
    found: set[int] = set()
    while len(found) < 4:
        found.add(free_port())
    return Ports(*found)


@contextmanager
def running(
    *,
    environ: Mapping[str, str] = MappingProxyType({}),
    folder: Path | None = None,
    **choices: Any,
) -> Iterator[Running]:
    """Everything up, `environ` beside the stage's own, in a folder of its own (within `folder`);
    everything down and removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="leadlight-", dir=folder))
    stage = Stage(free_ports(), folder / "stage", **choices)
    stage.make_folder()
    found = Running(stage, environ)
    try:
        found.start()
        yield found
    finally:
        found.stop()
        shutil.rmtree(folder, ignore_errors=True)
