"""The pages a signed-in person may see; `server.py` serves this script."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import requests
import streamlit as st

from console import cookies
from console.api import Api, Me, PortalAccess
from console.client import ApiError, SignedOut
from console.doorway import SIGN_IN
from console.forms import api_url
from console.notices import refused
from console.tables import ZONE, safe, zone_of
from console.views import PAGES, Page

# The script is a file of ours: no other runs (`doorway.CSP`).
KEEP_PAGE = (
    '<button data-keep-page type="button" style="background:none;border:0;padding:0;font:inherit;'
    'cursor:pointer;text-decoration:underline">Save this page as a file</button>'
    '<script src="/keep.js"></script>'
)


def main() -> None:
    """Nothing is queried before there is a session."""
    st.set_page_config(page_title="Leadlight", page_icon="◈", layout="wide")
    token = _token()
    if not token:
        _ask_to_sign_in("Sign in to see your leads' scores.")
        return
    client = Api(api_url(), token, _http())
    try:
        me = client.read_session()
    except SignedOut:
        _ask_to_sign_in("Your session has ended.")
        return
    except ApiError as error:
        st.error(str(error))
        return
    if me["must_change_password"]:
        st.html('<p><a href="/password" target="_self">Choose a password of your own first</a></p>')
        return
    if not me["portals"]:
        st.info("You have no role in any portal yet: ask an admin to give you one.")
        return
    _show(client, me)


def _token() -> str:
    """What signing in left in the cookie; "" when it cannot be a session's."""
    found = st.session_state.get("token") or cookies.value(
        st.context.cookies.to_dict(), cookies.SESSION
    )
    return found if isinstance(found, str) and found.startswith("lls_") else ""


@st.cache_resource
def _http() -> requests.Session:
    """One pool of connections for everybody; it keeps no cookies and no token."""
    return requests.Session()


def _show(client: Api, me: Me) -> None:
    portal = _portal(me["portals"])
    allowed = [page for page in PAGES if page.needs in portal["permissions"]]
    if not allowed:
        st.info("Your role in this portal has no pages.")
        return
    st.session_state[ZONE] = zone_of(portal["time_zone"])
    here = client.of(portal["portal_id"])
    asked = portal["second_factor"]
    if not me["has_second_factor"] and (
        asked == "everyone" or (asked == "admins" and portal["role"] == "admin")
    ):
        st.html(
            '<p>This portal asks for a second factor. <a href="/second-factor" target="_self">'
            "Set one up</a> to see its pages.</p>"
        )
        return
    pages = [_streamlit_page(page, here, portal) for page in allowed]
    begin = "start" if portal["mode"] == "shadow" else "mine" if portal["role"] == "rep" else ""
    first = next((n for n, page in enumerate(allowed) if page.path == begin), 0)
    home = st.Page(
        lambda: st.switch_page(pages[first]), url_path="home", default=True, visibility="hidden"
    )
    others = [_no_page(page, portal) for page in PAGES if page not in allowed]
    shown = st.navigation([home, *pages, *others])
    with st.sidebar:
        st.caption(f"{safe(me['email'] or me['subject'])} · {portal['role']}")
        st.html(
            '<a href="/password" target="_self">Password</a> · '
            '<a href="/second-factor" target="_self">Second factor</a> '
            '<form method="post" action="/sign-out" target="_self" style="display:inline">'
            '· <button style="background:none;border:0;padding:0;font:inherit;cursor:pointer;'
            'text-decoration:underline">Sign out</button></form>'
        )
        st.html(KEEP_PAGE, unsafe_allow_javascript=True)
        st.caption(f"Times in {portal['time_zone']}")
        st.caption(f"Leadlight {me['version']}")
    try:
        shown.run()
    except SignedOut:
        _ask_to_sign_in("Your session has ended.")
    except ApiError as error:
        refused(error)


def _portal(portals: list[PortalAccess]) -> PortalAccess:
    """The one in the address bar, or the first; a choice where there are several."""
    by_id = {portal["portal_id"]: portal for portal in portals}
    if len(by_id) == 1:
        return portals[0]
    with st.sidebar:
        chosen = st.selectbox(
            "Portal",
            list(by_id),
            format_func=lambda portal_id: by_id[portal_id]["name"],
            key="portal",
            bind="query-params",
        )
    return by_id[chosen]


def _streamlit_page(page: Page, client: Api, portal: PortalAccess) -> Any:
    return st.Page(
        lambda: page.draw(client, portal),
        title=page.title,
        icon=page.icon,
        url_path=page.path,
    )


def _no_page(page: Page, portal: PortalAccess) -> Any:
    """What somebody sees who opens a page's address without the right to it."""

    def told() -> None:
        st.title(page.title)
        st.info(
            f"Your role here is {portal['role']}, which does not include this page. An admin of "
            "your portal can give you another role."
        )

    return st.Page(told, title=page.title, url_path=page.path, visibility="hidden")


def _ask_to_sign_in(why: str) -> None:
    here = urlsplit(st.context.url or "/")
    back = f"{here.path or '/'}?{here.query}" if here.query else here.path or "/"
    st.title("Leadlight")
    st.write(why)
    st.html(f'<p><a href="{SIGN_IN}?next={quote(back)}" target="_self">Sign in</a></p>')


main()
