"""`streamlit run console/app.py`: signs in with an API key and routes to the pages."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import streamlit as st

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from console.client import Client, key_from
from console.pages import overview


def main() -> None:
    """Nothing is queried before there is a key."""
    st.set_page_config(page_title="Leadlight", page_icon="◈", layout="wide")
    key = key_from(os.environ.get("CONSOLE_API_KEY_FILE", ""), st.session_state.get("api_key", ""))
    if not key:
        _sign_in()
        return
    client = Client(os.environ.get("CONSOLE_API_URL", "http://localhost:8000"), key)
    pages = [
        st.Page(lambda: overview.draw(client), title="Overview", url_path="overview", default=True)
    ]
    st.navigation(pages).run()


def _sign_in() -> None:
    st.title("Leadlight")
    with st.form("sign_in"):
        given = st.text_input("API key", type="password")
        if st.form_submit_button("Sign in", type="primary") and given:
            st.session_state["api_key"] = given.strip()
            st.rerun()
    st.caption("An operator makes one with `flask --app backend api-keys create --portal ID`.")


main()
