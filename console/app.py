"""The console."""

import streamlit as st

st.title("Leadlight")
