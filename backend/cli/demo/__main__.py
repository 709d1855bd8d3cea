"""Run the demo; exit code 0 only if every lead was scored and written back."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading

from rich.console import Console

from backend.cli.demo.environment import HOME, SEED, Ports, Stage, environment, only_one
from backend.cli.demo.processes import manager
from backend.cli.demo.scenario import Scenario
from backend.errors import LeadlightError

console = Console()
INTERRUPTED = (130, 143, -2)  # Ctrl-C, SIGTERM, Ctrl-C that reached a part first


def main() -> int:
    """`--once` stops after the table."""
    parser = argparse.ArgumentParser(prog="make demo", description=main.__doc__)
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--seed", default=SEED, help="a number, or real")
    chosen = parser.parse_args()
    try:
        ports = Ports.from_env(os.environ)
        lock = only_one()
        ports.check_free()
    except LeadlightError as error:
        console.print(f"[red]Cannot start:[/red] {error}", highlight=False)
        return 1
    with lock:
        return _run(ports, chosen.seed, once=chosen.once)


def _run(ports: Ports, seed: str, *, once: bool) -> int:
    stage = Stage(ports, HOME / "demo", seed)
    stage.make_folder()
    env = environment(stage, HOME / "demo.env", os.environ)
    outcome: list[int] = []
    finished = threading.Event()
    scenario = Scenario(stage, env, console)
    scenario.prepare()
    processes = manager(stage, env)

    def guide() -> None:
        try:
            outcome.append(scenario.run(once=once))
        except LeadlightError as error:
            console.print(f"[red]The demo failed:[/red] {error}", highlight=False)
            outcome.append(1)
        except Exception:
            console.print_exception(show_locals=False)
            outcome.append(1)
        finally:
            if once or outcome != [0]:
                finished.set()
                processes.terminate()

    def closed(*_: object) -> None:
        """The terminal was closed: everything ends, as with Ctrl-C."""
        finished.set()
        processes.terminate()

    signal.signal(signal.SIGHUP, closed)
    thread = threading.Thread(target=guide, name="guide", daemon=True)
    thread.start()
    processes.loop()
    scenario.stop()
    if not finished.is_set() and processes.returncode not in INTERRUPTED:
        console.print(
            "[red]A part stopped by itself, so all stopped:[/red] "
            ".leadlight/demo/logs/processes.log says which.",
            highlight=False,
        )
        return 1
    console.print("Stopped: nothing of the demo runs any more. `make demo` begins anew.")
    return outcome[0] if outcome else int(processes.returncode or 0)


if __name__ == "__main__":
    sys.exit(main())
