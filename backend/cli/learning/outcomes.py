"""`portals outcomes --portal ID`: where the labels come from that a model would learn from."""

from __future__ import annotations

from dataclasses import replace

import click
from rich.table import Table

from backend.cli.common.progress import say
from backend.cli.common.session import OPERATOR, CliSession, command, portal_option, print_json
from backend.model import CompanyDeals, PortalSettings
from backend.services.learning.labels import labelled
from backend.services.settings import change

WHOSE = {
    CompanyDeals.NOBODY.value: "nobody's: its leads are held out",
    CompanyDeals.PRIMARY.value: "the company's first contact's",
    CompanyDeals.ALL.value: "all contacts' of the company",
}


def outcomes_command(session: CliSession) -> click.Command:
    """To be added to the `portals` group."""

    @click.command("outcomes")
    @portal_option
    @click.option(
        "--sales-pipeline",
        "pipelines",
        multiple=True,
        metavar="NAME",
        help='Only deals of these pipelines are sales; "" alone: as suggested.',
    )
    @click.option(
        "--company-deals",
        type=click.Choice(list(WHOSE)),
        help="Whose a won deal is that names a company and no contact.",
    )
    @click.option("--json", "as_json", is_flag=True)
    @command
    def outcomes(
        portal_id: int, pipelines: tuple[str, ...], company_deals: str | None, as_json: bool
    ) -> None:
        """Who counts as won, as lost and as neither, and why; trains nothing."""
        session.portal(portal_id)
        if pipelines or company_deals:

            def wanted(before: PortalSettings) -> PortalSettings:
                named = tuple(filter(None, pipelines)) if pipelines else before.sales_pipelines
                whose = CompanyDeals(company_deals or before.company_deals)
                return replace(before, sales_pipelines=named, company_deals=whose)

            change(session.product, portal_id, wanted, actor=OPERATOR)
        portal = session.portal(portal_id)
        report = labelled(session.product.stores, portal).report(portal)
        if as_json:
            print_json(report)
            return
        labels = Table("Label", "Leads", "Because")
        for row in report["labels"]:
            labels.add_row(row["result"], f"{row['leads']:,}", row["text"])
        session.console.print(labels)
        say(
            f"{report['won']:,} won, {report['lost']:,} lost and {report['held_out']:,} held out "
            f"of {report['leads']:,}; a win counts within {report['horizon_days']} days."
        )
        uses = Table("Pipeline", "Sales", "Won deals", "Because")
        for one in report["pipelines"]:
            because = "you named it" if report["pipelines_named"] and one["sales"] else one["why"]
            uses.add_row(one["label"], "yes" if one["sales"] else "no", f"{one['won']:,}", because)
        session.console.print(uses)
        say(f"A won deal of a company without a contact is {WHOSE[report['company_deals']]}.")
        for warning in report["warnings"]:
            say(f"Note: {warning}")

    return outcomes
