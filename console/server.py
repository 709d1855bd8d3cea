"""`streamlit run console/server.py`: the pages behind a sign-in.

The session's token lives in an HttpOnly cookie: no script in the browser can read it, a reload
and a second tab keep it, and without it no page of the console is served.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import streamlit as st
from starlette.middleware import Middleware

from console.doorway import Doorway
from console.sign_in import routes

app = st.App("app.py", routes=routes(), middleware=[Middleware(Doorway)])
