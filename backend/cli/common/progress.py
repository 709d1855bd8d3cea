"""A progress bar over a run that workers do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import click
from redis import Redis
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rq import Worker

from backend.errors import LeadlightError, Transient
from backend.ports import Clock
from backend.services.exclusive import worked_on
from backend.storage import runs
from backend.storage.database import Database
from backend.storage.runs import Run
from backend.wiring import Stores

POLL_S = 0.5
STALLED_S = 120  # nobody is at it for so long: say so instead of waiting for ever


class RunFailed(LeadlightError):
    """The run ended otherwise than done."""

    code = "run_failed"


def need_workers(redis: Redis) -> None:
    """Raises Transient when nobody would run a job."""
    if not Worker.count(connection=redis):
        raise Transient("no worker is running: start one with `python -m backend.jobs.worker`")


def follow(stores: Stores, run: Run, title: str, *, quiet: bool = False) -> Run:
    """Wait until the run has ended, drawing its progress on stderr."""
    need_workers(stores.redis)
    console = Console(stderr=True, quiet=quiet)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task(title, total=run.total or None)
        for newest in watched(stores.database, stores.clock, run, title):
            run = newest
            progress.update(bar, completed=run.done, total=run.total or None)
        progress.update(bar, completed=run.done, total=run.done)
    if run.state != "done":
        raise RunFailed(f"{title}: {run.state} {run.problem}".strip())
    return run


def watched(database: Database, clock: Clock, run: Run, title: str) -> Iterator[Run]:
    """The run every half second until it has ended. A worker that holds its lease is at it, however
    long a step takes. Raises Transient when nobody has been for STALLED_S."""
    at_work = run.updated_at
    while run.state == "running":
        clock.sleep(POLL_S)
        now = clock.now()
        with database.read() as conn:
            run = runs.get(conn, run.portal_id, run.run_id)
            held = worked_on(conn, run, now)
        at_work = now if held else max(at_work, run.updated_at)
        yield run
        if run.state == "running" and now - at_work > timedelta(seconds=STALLED_S):
            raise Transient(f"{title}: no worker is at it for {STALLED_S} s; see the worker's log")


def wait_for(stores: Stores, portal_id: int, kind: str, title: str) -> Run | None:
    """Follow the newest run of a kind, None when there never was one."""
    with stores.database.read() as conn:
        run = runs.latest(conn, portal_id, kind)
    if run is None:
        return None
    return follow(stores, run, title)


def say(text: str) -> None:
    """A line for people, on stderr."""
    click.echo(text, err=True)
