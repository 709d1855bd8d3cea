"""Start: what is left to do until scores stand in HubSpot, with the state of each step."""

from __future__ import annotations

import streamlit as st

from console.api import Api, Overview, PortalAccess, Profiles, Settings
from console.client import ApiError
from console.notices import refused
from console.tables import counted, when
from console.views.progress import bar

REFRESH_S = 3
DONE, NOW, LATER = ":material/check_circle:", ":material/arrow_forward:", ":material/schedule:"


def draw(client: Api, portal: PortalAccess) -> None:
    """The steps in their order; the first that is not done says what to press."""
    st.title("Start")
    st.caption("From the connection to scores in HubSpot. This page follows by itself.")

    @st.fragment(run_every=REFRESH_S)
    def live() -> None:
        try:
            settings, profiles = client.read_settings(), client.list_profiles()
            overview = client.read_overview()
        except ApiError as error:
            refused(error)
            return
        _steps(settings, profiles, overview)

    live()


def _steps(settings: Settings, profiles: Profiles, overview: Overview) -> None:
    scored, fits = sum(overview["distribution"]), bool(profiles["active"])
    steps = [
        (settings["state"] == "connected", "Connect the portal", _connected(settings)),
        (
            bool(settings["pulled_at"]),
            "Pull contacts, companies and deals",
            _pulled(settings),
        ),
        (fits, "Import your ideal clients", _profile(profiles)),
        (
            fits and bool(scored) and not overview["due"],
            "Score every lead",
            _scored(scored, fits=fits),
        ),
        (settings["mode"] == "live", "See the preview and go live", _live(settings)),
    ]
    ahead = [done for done, _, _ in steps].index(False) if not all(s[0] for s in steps) else None
    for place, (done, name, told) in enumerate(steps):
        icon = DONE if done else NOW if place == ahead else LATER
        st.markdown(f"{icon} **{place + 1}. {name}**")
        st.markdown(told)
    for run in overview["running"]:
        bar(run)
    if ahead is None:
        st.success("Everything is set up: scores are written to HubSpot as leads change.")


def _connected(settings: Settings) -> str:
    if settings["state"] != "connected":
        return "The portal has to be connected again by its HubSpot admin: see [Setup](setup)."
    missing = settings["missing_scopes"]
    without = f" Not granted: {', '.join(missing)}; what needs it is off." if missing else ""
    return f"Connected since {when(settings['connected_since'])}.{without}"


def _pulled(settings: Settings) -> str:
    if settings["pulled_at"]:
        return f"Complete since {when(settings['pulled_at'])}."
    return "Under way; it goes on when you close this page."


def _profile(profiles: Profiles) -> str:
    active = next((v for v in profiles["versions"] if v["version"] == profiles["active"]), None)
    if active:
        clients = counted(active["clients"], "ideal client")
        return f"Profile {active['version']} with {clients} is in use."
    return "Upload a CSV on the page [Profile](profile); an example to fill in is there, too."


def _scored(scored: int, *, fits: bool) -> str:
    if scored and not fits:
        leads = counted(scored, "lead has", "leads have")
        return f"{leads} a first score, by what they did; the profile adds how well they fit."
    if scored:
        return f"{counted(scored, 'lead has', 'leads have')} a score: see [Leads](leads)."
    return "Begins by itself after the pull, with a profile."


def _live(settings: Settings) -> str:
    if settings["mode"] == "live":
        return "Scores are written to HubSpot."
    return (
        f"The portal is in {settings['mode']} mode: nothing is written to HubSpot. "
        "[Setup](setup) shows what going live would write, and switches it on."
    )
