"""Run the demo; exit code 0 only if every lead was scored and written back."""

from __future__ import annotations

import argparse
import os
import sys
import threading

from rich.console import Console

from backend.cli.demo.ground import HOME, Ports, Stage, environment, only_one
from backend.cli.demo.processes import manager
from backend.cli.demo.tour import Tour
from backend.errors import LeadlightError

console = Console()


def main() -> int:
    """`--once` stops after the table."""
    parser = argparse.ArgumentParser(prog="make demo", description=main.__doc__)
    parser.add_argument("--once", action="store_true")
    once = parser.parse_args().once
    ports = Ports.from_env(os.environ)
    try:
        lock = only_one()
        ports.check_free()
    except LeadlightError as error:
        console.print(f"[red]Cannot start:[/red] {error}", highlight=False)
        return 1
    with lock:
        return _run(ports, once)


def _run(ports: Ports, once: bool) -> int:
    stage = Stage(ports, HOME / "demo")
    stage.make_folder()
    env = environment(stage, HOME / "demo.env", os.environ)
    outcome: list[int] = []
    tour = Tour(stage, env, console)
    tour.prepare()
    processes = manager(stage, env)

    def guide() -> None:
        try:
            outcome.append(tour.run(once=once))
        except LeadlightError as error:
            console.print(f"[red]The demo failed:[/red] {error}", highlight=False)
            outcome.append(1)
        except Exception:
            console.print_exception(show_locals=False)
            outcome.append(1)
        finally:
            if once or outcome != [0]:
                processes.terminate()

    thread = threading.Thread(target=guide, name="guide", daemon=True)
    thread.start()
    processes.loop()
    tour.stop()
    if not outcome and processes.returncode not in (0, 130, -2):
        console.print("[red]A process stopped:[/red] see .leadlight/demo/logs", highlight=False)
    return outcome[0] if outcome else int(processes.returncode or 0)


if __name__ == "__main__":
    sys.exit(main())
