"""Every metric in one list; a name that is not here cannot be counted, scraped or alerted on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

PREFIX: Final = "leadlight_"
CALL_BUCKETS_S: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
WEB_BUCKETS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 3.5)
LEAD_BUCKETS_S: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
ARRIVAL_BUCKETS_S: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0, 600.0)

Kind = Literal["counter", "histogram", "summary", "gauge"]


@dataclass(frozen=True, slots=True)
class Metric:
    """A counter's name is scraped with `_total`. Gauges are read from the database instead.

    `outcome` in `labels` is "ok" or "failed"; such a counter feeds the error rate of /health.
    """

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


_LIST: Final = (
    Metric("http_requests", "counter", "Requests answered", ("route", "status", "outcome")),
    Metric("http_request_seconds", "histogram", "Time to answer", ("route",), WEB_BUCKETS_S),
    Metric("webhook_events", "counter", "Events of webhooks, by what they were", ("kind",)),
    Metric("accesses_dropped", "counter", "Entries of the access log that could not be read"),
    Metric("cron_tasks", "counter", "Tasks of cron, by how they ended", ("task", "outcome")),
    Metric("removals_not_confirmed", "counter", "Removals of contacts HubSpot still has"),
    Metric("signatures", "counter", "Signed requests that held, or did not", ("outcome",)),
    Metric("provider_requests", "counter", "Calls to vendors", ("provider", "endpoint", "outcome")),
    Metric(
        "provider_request_seconds",
        "histogram",
        "Time of a call to a vendor",
        ("provider", "endpoint"),
        CALL_BUCKETS_S,
    ),
    Metric("step_seconds", "summary", "Time per lead by step; the count is leads", ("step",)),
    Metric("lead_seconds", "histogram", "Processing time per lead", (), LEAD_BUCKETS_S),
    Metric(
        "event_to_score_seconds",
        "histogram",
        "From a lead's first event to its score",
        (),
        ARRIVAL_BUCKETS_S,
    ),
    Metric("embedding_texts", "counter", "Texts embedded"),
    Metric("embedding_seconds", "counter", "Time spent embedding"),
    Metric("cache", "counter", "Questions answered without asking again", ("cache", "result")),
    Metric("ai_calls", "counter", "Requests to models", ("provider",)),
    Metric("ai_tokens", "counter", "Tokens of models", ("provider", "kind")),
    Metric("ai_cost_usd", "counter", "Money spent on models", ("provider",)),
    Metric(
        "provider_failures",
        "counter",
        "Leads scored without a provider, by what was missing and why",
        ("part", "cause"),
    ),
    Metric("scores", "counter", "Scores saved", ("band",)),
    Metric("leads_set_back", "counter", "Leads that could not be scored", ("result",)),
    Metric("writes", "counter", "Contacts written to HubSpot, or not", ("result", "outcome")),
    Metric("jobs", "counter", "Jobs run", ("job", "outcome")),
    Metric("job_seconds", "histogram", "Time of a job", ("job",), CALL_BUCKETS_S),
    Metric("alerts_told", "counter", "Messages to the alert webhook", ("outcome",)),
    Metric("up", "gauge", "Whether the part answers", ("part",)),
    Metric("provider_up", "gauge", "Whether the vendor answered last", ("provider",)),
    Metric("scores_without", "gauge", "Scores in a row without a provider", ("part",)),
    Metric(
        "model_problem",
        "gauge",
        "Models that the vendor does not list or shuts down within 60 days",
        ("provider", "model"),
    ),
    Metric("breaker_open", "gauge", "Whether the vendor is left alone", ("vendor",)),
    Metric("queue_jobs", "gauge", "Jobs waiting", ("queue",)),
    Metric("queue_oldest_seconds", "gauge", "Age of the oldest job waiting", ("queue",)),
    Metric("due_leads", "gauge", "Leads due", ("urgency",)),
    Metric("oldest_due_seconds", "gauge", "How long the oldest lead has been due", ("urgency",)),
    Metric("pending_writes", "gauge", "Writes that HubSpot has not got yet"),
    Metric("failed", "gauge", "Failed for good, waiting for a person", ("what",)),
    Metric("portals", "gauge", "Portals by state", ("state",)),
    Metric("leads_by_band", "gauge", "Current scores by band", ("band",)),
    Metric("webhook_missed_share", "gauge", "Largest share of changes without a webhook, today"),
    Metric("clock_skew_seconds", "gauge", "This clock against another", ("against",)),
    Metric("alerts_firing", "gauge", "Alerts that stand"),
    Metric("backup_age_seconds", "gauge", "Since the last backup that was made here"),
)
METRICS: Final = {metric.name: metric for metric in _LIST}
