"""Models: trained, judged, previewed, put to use, taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import Field

from backend.config import MIN_OUTCOMES_TO_PUBLISH
from backend.jobs import reports
from backend.model import Thresholds
from backend.scoring.scorecard.scorecard import FieldPoints, Scorecard
from backend.scoring.scorecard.table import points_lines, spread
from backend.scoring.values.words import label, shown
from backend.security.roles import Permission
from backend.services.learning import model_changes, training
from backend.services.learning.report import arms_sentence
from backend.storage.learning import models
from backend.storage.learning.models import ModelVersion
from backend.web.api.framework.endpoints import Call, Routes
from backend.web.api.framework.people import actor_names
from backend.web.api.framework.shapes import Edges, Line, Nothing, Shape, Whole
from backend.web.api.questions import Begun, begun

routes = Routes()
PORTAL = "/portals/<int:portal_id>/models"
VERSION = f"{PORTAL}/<version:version>"
FIELDS_MAX = 200
_BAND = ("band", "won", "share_won", "low", "high")
_SUSPECT = ("field", "reason", "auc", "presence_auc", "certain")


class Measured(Shape):
    """What a backtest measured on leads that training did not see; null where it cannot be."""

    auc: float | None
    pr_auc: float | None
    brier: float | None
    ece: float | None
    lift_at_10: float | None
    lift_at_20: float | None


class VersionRow(Shape):
    """One model. `beats_formula`: it won its backtest against the formula without outcomes."""

    version: int
    state: str
    made_by: str
    created_at: datetime
    published_at: datetime | None
    won: int
    lost: int
    metrics: Measured
    formula: Measured
    beats_formula: bool
    verdict: str
    by_itself: bool


class Models(Shape):
    """Newest first. `published` is 0 while the formula without outcomes scores."""

    published: int
    needed: int
    versions: list[VersionRow]


class CellPoints(Shape):
    """One value, or range of values, of a field."""

    value: str
    points: float
    won: int
    leads: int


class FieldRow(Shape):
    """One field of the scorecard: its levels in order of points, or ranges of its numbers in order;
    each lead that training saw is counted in one."""

    field: str
    label: str
    cells: list[CellPoints]


class PromiseBin(Shape):
    """Leads of one bin: what was promised and what came, with a 95 % interval."""

    leads: int
    promised: float
    share_won: float
    low: float
    high: float


class ChanceBin(Shape):
    """Leads of one bin of out-of-fold chances."""

    leads: int
    won: int
    low: float
    high: float


class Excluded(Shape):
    """A field that was not used, and why."""

    field: str
    label: str
    reason: str


class Suspect(Shape):
    """A field that may have been filled because of the outcome.

    `auc` is how well it alone tells won from lost, `presence_auc` whether being filled alone
    does, `filled_after` the share of its values that were written after the outcome. `certain`
    ones are never used; `in_use`: let in by a person.
    """

    field: str
    label: str
    reason: str
    auc: float
    presence_auc: float
    filled_after: float
    certain: bool
    in_use: bool


class BandRow(Shape):
    """What became of the test leads of one band, with a 95 % interval."""

    band: str
    leads: int
    won: int
    share_won: float | None
    low: float
    high: float


class VersionDetail(Shape):
    """A model in full. `experiments`: what those did with the leads it learned from, or ""."""

    row: VersionRow
    horizon_days: int
    n_train: int
    n_test: int
    baselines: dict[str, Measured]
    calibration: list[PromiseBin]
    chances: list[ChanceBin]
    fields: list[FieldRow]
    bands: list[BandRow]
    used: list[str]
    excluded: list[Excluded]
    suspects: list[Suspect]
    experiments: str
    warnings: list[str]


class FieldChoices(Shape):
    """`keep`: suspected leaks to use after all. `ignore`: fields not to use."""

    keep: list[Line] = Field(default_factory=list, max_length=FIELDS_MAX)
    ignore: list[Line] = Field(default_factory=list, max_length=FIELDS_MAX)


class Publishing(Shape):
    """`force`: although it did not win its backtest. `thresholds`: where the bands begin under it;
    without, where they do."""

    force: bool = False
    thresholds: Edges | None = None


class InUse(Shape):
    """The version in use now; 0 is the formula."""

    published: Whole


@routes.get(PORTAL, needs=Permission.READ_REPORTS, answer=Models)
def list_models(call: Call[Nothing, Nothing]) -> Models:
    """Every version with what its backtest measured."""
    with call.product.stores.database.read() as conn:
        versions = models.listed(conn, call.portal_id)
        made_by = actor_names(conn, call.product.stores.cipher, [v.made_by for v in versions])
    published = next((v.version for v in versions if v.state == "published"), 0)
    return Models(
        published=published,
        needed=MIN_OUTCOMES_TO_PUBLISH,
        versions=[_row(version, made_by) for version in versions],
    )


@routes.get(VERSION, needs=Permission.READ_REPORTS, answer=VersionDetail)
def read_model(call: Call[Nothing, Nothing]) -> VersionDetail:
    """One version: its fields and points, calibration, leak audit."""
    with call.product.stores.database.read() as conn:
        version = models.one(conn, call.portal_id, int(call.path["version"]))
        card = models.scorecard(conn, call.portal_id, version.version)
        made_by = actor_names(conn, call.product.stores.cipher, [version.made_by])
    return _detail(version, card, made_by)


@routes.post(
    f"{PORTAL}/training", needs=Permission.EDIT_MODEL, body=FieldChoices, answer=Begun, status=202
)
def train(call: Call[Nothing, FieldChoices]) -> Begun:
    """Train a challenger from the portal's outcomes; nothing changes until it is published."""
    run = training.ask_for(
        call.product.stores,
        call.portal_id,
        keep=tuple(call.body.keep),
        ignore=tuple(call.body.ignore),
        actor=call.caller.subject,
    )
    return Begun(run_id=run.run_id, kind=run.kind)


@routes.post(f"{PORTAL}/outcomes", needs=Permission.READ_REPORTS, answer=Begun, status=202)
def outcomes(call: Call[Nothing, Nothing]) -> Begun:
    """Where the labels come from that a model would learn from, before any is trained."""
    with call.product.stores.database.write() as conn:
        now = call.product.stores.clock.now()
        run = reports.begin(conn, call.portal_id, "outcomes", now, {})
    return begun(call, run)


@routes.post(
    f"{PORTAL}/backtest", needs=Permission.EDIT_MODEL, body=FieldChoices, answer=Begun, status=202
)
def backtest(call: Call[Nothing, FieldChoices]) -> Begun:
    """Judge a model on the portal's newest outcomes, and month by month; stores no model."""
    with call.product.stores.database.write() as conn:
        ask = call.body.model_dump()
        run = reports.begin(conn, call.portal_id, "backtest", call.product.stores.clock.now(), ask)
    return begun(call, run)


@routes.post(f"{VERSION}/preview", needs=Permission.EDIT_MODEL, answer=Begun, status=202)
def preview(call: Call[Nothing, Nothing]) -> Begun:
    """Every current lead under this version: bands, migration, examples."""
    version = int(call.path["version"])
    with call.product.stores.database.write() as conn:
        models.one(conn, call.portal_id, version)
        now = call.product.stores.clock.now()
        run = reports.begin(conn, call.portal_id, "model_preview", now, {"version": version})
    return begun(call, run)


@routes.post(f"{VERSION}/publish", needs=Permission.EDIT_MODEL, body=Publishing, answer=InUse)
def publish(call: Call[Nothing, Publishing]) -> InUse:
    """Score with this version from now on, and every lead again."""
    version, edges = int(call.path["version"]), call.body.thresholds
    model_changes.publish(
        call.product.stores,
        call.portal_id,
        version,
        actor=call.caller.subject,
        force=call.body.force,
        thresholds=None if edges is None else Thresholds(edges.high, edges.medium),
    )
    return InUse(published=version)


@routes.post(f"{PORTAL}/rollback", needs=Permission.EDIT_MODEL, answer=InUse)
def rollback(call: Call[Nothing, Nothing]) -> InUse:
    """Back to the version before, or to the formula when there was none."""
    actor = call.caller.subject
    return InUse(published=model_changes.rollback(call.product.stores, call.portal_id, actor=actor))


def _row(version: ModelVersion, made_by: Mapping[str, str]) -> VersionRow:
    report = version.report
    return VersionRow(
        version=version.version,
        state=version.state,
        made_by=made_by[version.made_by],
        created_at=version.created_at,
        published_at=version.published_at,
        won=report["won"],
        lost=report["lost"],
        metrics=_measured(report["metrics"]),
        formula=_measured(report["formula"]),
        beats_formula=model_changes.won_its_backtest(report),
        verdict=report["verdict"],
        by_itself=bool(report.get("published_by_itself")),
    )


def _measured(metrics: dict[str, Any]) -> Measured:
    return Measured(**{name: metrics.get(name) for name in Measured.model_fields})


def _detail(version: ModelVersion, card: Scorecard, made_by: Mapping[str, str]) -> VersionDetail:
    report = version.report
    kept = set(report.get("choices", {}).get("keep", ()))
    titles = report.get("titles", {})
    return VersionDetail(
        row=_row(version, made_by),
        horizon_days=card.horizon_days,
        n_train=report["n_train"],
        n_test=report["n_test"],
        baselines={name: _measured(found) for name, found in report["baselines"].items()},
        calibration=[
            PromiseBin(**{name: part[name] for name in PromiseBin.model_fields})
            for part in report.get("calibration", ())
        ],
        chances=[
            ChanceBin(leads=part.rows, won=part.won, low=part.low, high=part.high)
            for part in card.chances
        ],
        fields=[_field(field) for field in sorted(card.fields, key=spread, reverse=True)],
        bands=[
            BandRow(leads=band["rows"], **{name: band[name] for name in _BAND})
            for band in report["bands"]
        ],
        used=list(report["fields"]["used"]),
        excluded=[
            Excluded(
                field=one["field"],
                label=label(one["field"], titles.get(one["field"], "")),
                reason=one["reason"],
            )
            for one in report["fields"]["excluded"]
        ],
        suspects=[
            Suspect(
                **{name: one[name] for name in _SUSPECT},
                label=label(one["field"], titles.get(one["field"], "")),
                filled_after=report.get("filled_after", {}).get(one["field"], 0.0),
                in_use=one["field"] in kept,
            )
            for one in report["fields"]["suspected_leaks"]
        ],
        experiments=arms_sentence(report),
        warnings=list(report.get("warnings", ())),
    )


def _field(field: FieldPoints) -> FieldRow:
    return FieldRow(
        field=field.cells.name,
        label=label(field.cells.name, field.cells.title),
        cells=[
            CellPoints(
                value=shown(field.cells.name, line.value),
                points=line.points,
                won=line.won,
                leads=line.leads,
            )
            for line in points_lines(field)
        ],
    )
