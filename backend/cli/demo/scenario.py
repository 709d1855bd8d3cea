"""The demo's way through the product, as an admin and a rep would go it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from threading import Event

import requests
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from backend.cli.common.session import CliSession
from backend.cli.demo.browser import approve
from backend.cli.demo.environment import ROOT, Stage
from backend.cli.leads.scoring import table
from backend.errors import LeadlightError, Transient
from backend.storage import runs
from backend.storage.leads import due_leads, scores
from backend.storage.learning import models
from backend.storage.outbox import due_rows, routes
from backend.storage.portals import portals
from backend.wiring import Product

START_S = 60
RUN_S = 600
TOP = 10
POLL_S = 0.25
REAL = "real"  # the seed of a portal that is not empty
PREFIX = "leadlight_"
ADMIN = "admin@example.com"  # the console's first account


class DemoFailed(LeadlightError):
    """A step did not do what it should."""

    code = "demo_failed"


class Scenario:
    """Steps share the product (to look into its database) and the portal's id."""

    def __init__(self, stage: Stage, env: Mapping[str, str], console: Console) -> None:
        self._stage = stage
        self._env = env
        self._console = console
        self._session = CliSession(env)
        self._stopped = Event()
        self.portal_id = 0
        self.admin_password = ""

    @property
    def product(self) -> Product:
        """For looking into the database."""
        return self._session.product

    def prepare(self) -> None:
        """The schema, before anything is started."""
        self.flask("db", "upgrade")

    def stop(self) -> None:
        """Give up waiting: the processes are going down."""
        self._stopped.set()

    def run(self, *, once: bool) -> int:
        """All steps; 0 only if every lead was scored and written back."""
        started = time.monotonic()
        self._console.print("[bold]Leadlight[/bold] · starting everything on this machine …")
        self.wait_for_servers()
        self.connect()
        self.import_profile()
        self.go_live()
        self.score_all()
        self._fit_bands()
        self._webhooks()
        self._until("the last events", self._is_quiet)
        complete = self._show(time.monotonic() - started)
        if not once:
            self._what_next()
        return 0 if complete else 1

    def wait_for_servers(self) -> None:
        """Until portal and product answer."""
        self._until("the portal", lambda: _answers(f"{self._stage.sandbox}/sandbox/health"))
        self._until("the web server", lambda: _answers(f"{self._stage.web}/health"))

    def connect(self) -> None:
        """Through the invitation and the consent page, as an admin does."""
        link = self.flask("portals", "invite").strip().splitlines()[-1]
        approve(link)
        with self.product.stores.database.read() as conn:
            known = portals.listed(conn)
        if not known:
            raise DemoFailed("the OAuth round trip ended without a connected portal")
        self.portal_id = known[0].portal_id
        self._say(f"Connected portal {self.portal_id} through OAuth; the pull has begun.")
        self.admin_password = self.flask(
            "users",
            "create",
            "--portal",
            str(self.portal_id),
            "--role",
            "admin",
            "--email",
            ADMIN,
        ).strip()

    def import_profile(self) -> None:
        """From a CSV file, as a manager does."""
        file = self._stage.folder / "ideal-clients.csv"
        line = [
            sys.executable,
            "-m",
            "sandbox",
            "ideal-clients",
            "--seed",
            self._stage.seed,
            "--rows",
            "25",
        ]
        made = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True)
        file.write_text(made.stdout, encoding="utf-8")
        self.flask("profiles", "import", str(file), "--portal", str(self.portal_id))
        self._say("Imported an ideal client profile of 25 clients.")

    def go_live(self) -> None:
        """Once the mirror is complete."""
        self._follow("pull", "Pulling the portal")
        portal = ("--portal", str(self.portal_id))
        if self._stage.seed == REAL:
            self.flask("portals", "setup", *portal, "--prefix", PREFIX)
            self._say(f"Another vendor has properties of our names: ours begin with {PREFIX}")
        self.flask("portals", "mode", *portal, "live", "--yes")
        self._say("Live: the properties are in the portal.")

    def score_all(self) -> None:
        """Until every score is written back."""
        self._follow("population", "Counting the population")
        self._follow("backfill", "Scoring every lead")
        self._until("the last scores", self._is_settled, RUN_S)

    def _fit_bands(self) -> None:
        """As the Setup page proposes: High and Medium are as many leads as a team can work."""
        portal = ("--portal", str(self.portal_id))
        self.flask("portals", "thresholds", *portal, "--apply-proposed")
        self._follow("backfill", "Scoring by new bands")
        self._until("the last scores", self._is_settled, RUN_S)
        with self.product.stores.database.read() as conn:
            edges = portals.get(conn, self.portal_id).settings.thresholds
        self._say(f"Bands that fit the portal: High from {edges.high}, Medium from {edges.medium}.")

    def publish_model(self) -> None:
        """Train on the portal's closed deals, publish, and score every lead again."""
        portal = ("--portal", str(self.portal_id))
        self._say("Training a model on the portal's closed deals …")
        self.flask("model", "train", *portal)
        with self.product.stores.database.read() as conn:
            version = models.listed(conn, self.portal_id)[0].version
        self.flask("model", "publish", str(version), *portal, "--force")
        self.score_all()
        self._fit_bands()
        self._say(
            f"Model {version} is in use: each lead now has its chance to be won. Look at the "
            "record again, and at the page Model of the console."
        )

    def _what_next(self) -> None:
        """What to try, what is kept; a key that shows what a model adds."""
        self._say(
            "\nTry next\n"
            "  on the record   log a reply and watch the score change; press Rescore or Disagree\n"
            "  in the console  Leads (choose one), Team, Patterns; Setup, where bands are set\n"
            "  at a terminal   .venv/bin/flask --app backend --help\n"
            "Starting again begins anew: the portal, its scores and accounts are made afresh; only "
            "the random keys in .leadlight/demo.env stay.\n"
            "Everything stays up. Ctrl-C stops it."
        )
        if sys.stdin.isatty():
            self._say("Press m and Enter to train and publish a model (a minute or two).")
            for line in sys.stdin:
                if line.strip().lower() == "m":
                    self._try_to_publish()

    def _try_to_publish(self) -> None:
        """A model that cannot be published ends nothing else."""
        try:
            self.publish_model()
        except LeadlightError as error:
            self._say(f"No model was published, everything else stays up: {error}")

    def reply(self, contact_id: str) -> None:
        """A lead replies by email in the portal."""
        answer = requests.post(
            f"{self._stage.sandbox}/sandbox/portals/{self.portal_id}/emails",
            json={
                "properties": {
                    "hs_timestamp": datetime.now(UTC).isoformat(),
                    "hs_email_direction": "INCOMING_EMAIL",
                    "hs_email_status": "SENT",
                    "hs_email_subject": "Re: your offer",
                },
                "associations": {"contacts": [contact_id]},
            },
            timeout=10,
        )
        answer.raise_for_status()

    def reply_from(self, contact_ids: list[str]) -> datetime:
        """Each lead replies; returns when they began, once every new score is there."""
        began = datetime.now(UTC)
        for contact_id in contact_ids:
            self.reply(contact_id)
        self._until("the webhooks", lambda: self._scored_since(contact_ids, began), 60)
        return began

    def wait_until_written(self) -> None:
        """Until HubSpot has everything."""
        self._until("the writes", lambda: self.pending() == 0, RUN_S)

    def _webhooks(self) -> None:
        with self.product.stores.database.read() as conn:
            chosen = scores.top(conn, self.portal_id, 400)[200:203]
        if not chosen:
            return
        began = self.reply_from([score.contact_id for score in chosen])
        self.wait_until_written()
        seconds = (datetime.now(UTC) - began).total_seconds()
        self._say(
            f"{len(chosen)} leads replied by email in the portal: scored again and written back "
            f"within {seconds:.1f} s."
        )

    def _show(self, seconds: float) -> bool:
        product, portal_id = self.product, self.portal_id
        with product.stores.database.read() as conn:
            best = scores.top(conn, portal_id, TOP)
            count = sum(scores.distribution(conn, portal_id))
            waiting = due_leads.unfinished(conn, portal_id)
            out = due_leads.ineligible(conn, portal_id)
            parked = due_leads.parked(conn, portal_id)
            parked += due_rows.count(conn, due_rows.WRITES, portal_id, parked=True)
            parked += sum(routes.counts(conn, portal_id, parked=True).values())
            total = due_leads.count(conn, portal_id)
        self._console.print(table(self._session, portal_id, best))
        pending = self.pending()
        complete = waiting == parked == pending == 0 and count + out == total
        self._console.print(
            f"{count} leads scored and written back, {out} contacts are no leads, {parked} failed, "
            f"{waiting + pending} waiting; {seconds:.0f} s.",
            highlight=False,
        )
        self._console.print(f"Portal   {self._stage.sandbox}/contacts/{best[0].contact_id}")
        self._console.print(
            f"Console  {self._stage.console}  sign in as {ADMIN}, one-time password "
            f"{self.admin_password}",
            highlight=False,
        )
        self._console.print(f"Health   {self._stage.web}/health")
        self._console.print(
            f"MCP      LEADLIGHT_API_URL={self._stage.web} python -m assistant, with an API key of "
            "the console's page Access",
            highlight=False,
        )
        return complete

    def pending(self) -> int:
        """What HubSpot does not have yet, of all that the portal allows."""
        with self.product.stores.database.read() as conn:
            portal = portals.get(conn, self.portal_id)
            waiting = routes.counts(conn, self.portal_id)
            allowed = (n for kind, n in waiting.items() if not portals.refuses(portal, kind))
            return due_rows.count(conn, due_rows.WRITES, self.portal_id) + sum(allowed)

    def _is_quiet(self) -> bool:
        """A reply causes several events; the last of them may come after its score."""
        with self.product.stores.database.read() as conn:
            waiting = due_leads.unfinished(conn, self.portal_id)
        return waiting == 0 and self.pending() == 0

    def _is_settled(self) -> bool:
        """Quiet, and no count or backfill runs that would make leads due again: a profile that was
        imported during the first count is counted, and scored with, once more."""
        with self.product.stores.database.read() as conn:
            found = [runs.latest(conn, self.portal_id, kind) for kind in ("population", "backfill")]
        return all(run is not None and run.state == "done" for run in found) and self._is_quiet()

    def _scored_since(self, contact_ids: list[str], began: datetime) -> bool:
        with self.product.stores.database.read() as conn:
            found = scores.current(conn, self.portal_id, contact_ids)
        return all(score.scored_at >= began for score in found.values())

    def _follow(self, kind: str, title: str) -> None:
        columns = (
            TextColumn(f"{title:<24}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        deadline = time.monotonic() + RUN_S
        with Progress(*columns, console=self._console) as progress:
            bar = progress.add_task(title, total=None)
            while True:
                with self.product.stores.database.read() as conn:
                    run = runs.latest(conn, self.portal_id, kind)
                if run is not None:
                    progress.update(bar, completed=run.done, total=run.total or None)
                    if run.state == "done":
                        progress.update(bar, completed=run.done, total=max(run.done, 1))
                        return
                    if run.state == "failed":
                        raise DemoFailed(f"{title}: {run.problem}")
                self._pause(title, deadline)

    def _until(self, what: str, holds: Callable[[], bool], seconds: float = START_S) -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            self._pause(what, deadline)

    def _pause(self, what: str, deadline: float) -> None:
        if time.monotonic() > deadline:
            raise Transient(f"waited too long for {what}: see .leadlight/demo/logs")
        if self._stopped.wait(POLL_S):
            raise Transient(f"stopped while waiting for {what}: see .leadlight/demo/logs")

    def _say(self, text: str) -> None:
        self._console.print(text, highlight=False)

    def flask(self, *arguments: str) -> str:
        """One of the product's own commands, as an operator would type it."""
        line = [sys.executable, "-m", "flask", "--app", "backend", *arguments]
        done = subprocess.run(line, cwd=ROOT, env=dict(self._env), capture_output=True, text=True)
        if done.returncode != 0:
            raise DemoFailed(f"`flask {' '.join(arguments)}` failed: {done.stderr.strip()[-800:]}")
        return done.stdout


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).status_code == 200
    except requests.RequestException:
        return False
