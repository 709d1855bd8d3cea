"""Access: who may come in, with which role, who is forgotten, and who changed what?"""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

import streamlit as st

from console.api import Api, PortalAccess, Role, UserRow
from console.client import ApiError
from console.deeds import deed, request, told, who
from console.notices import refused
from console.tables import table, when
from console.views import privacy

Needed = Literal["nobody", "admins", "everyone"]
ROLES: dict[Role, str] = {
    "rep": "rep: reads leads and rescores",
    "manager": "manager: also profile, model, replay, settings",
    "admin": "admin: also users, keys, portals, privacy",
    "auditor": "auditor: reads the audit trail only",
}
NEEDED: dict[Needed, str] = {
    "nobody": "nobody has to",
    "admins": "admins",
    "everyone": "everyone",
}
USERS = {"email": "Email", "role": "Role", "state": "State"}
INVITED = {"email": "Email", "role": "Role", "expires": "Expires"}
KEYS = {
    "prefix": "Key",
    "label": "For",
    "role": "Role",
    "maker": "Made by",
    "expires": "Expires",
    "used": "Last used",
    "state": "State",
}
TRAIL = {
    "seq": "No.",
    "at": "When",
    "actor": "Who",
    "action": "What",
    "subject": "On",
    "detail": "Details",
}
ACCESSES = {
    "at": "When",
    "actor": "Who",
    "what": "What",
    "subject": "On",
    "status": "Answer",
}
TRAIL_ROWS = 200


def draw(client: Api, portal: PortalAccess) -> None:
    """Users, keys and erasures for Admins, the trail for those who may read it."""
    st.title("Access")
    manages = "manage_users" in portal["permissions"]
    names = {}
    if manages:
        st.caption(
            "Roles are enforced by the API, so a page or a program can do no more than its "
            "person or key."
        )
        users = client.list_users()["items"]
        names = {f"user:{user['user_id']}": user["email"] for user in users}
        _shown_once()
        _users(client, users)
        _second_factor(client, portal["second_factor"])
    if "manage_keys" in portal["permissions"]:
        _keys(client, names)
    if "erase" in portal["permissions"]:
        privacy.draw(client, names)
    _trail(client, names)
    _accesses(client, names)


def _shown_once() -> None:
    """A link or key that was just made; gone with the next page."""
    made = st.session_state.pop("shown_once", None)
    if made:
        st.success(f"{made['what']} It is not shown again:")
        st.code(made["secret"], language=None)


def _keep(what: str, secret: str) -> None:
    st.session_state["shown_once"] = {"what": what, "secret": secret}
    st.rerun()


def _users(client: Api, users: list[UserRow]) -> None:
    st.header("People")
    rows = [
        {
            **user,
            "state": "disabled"
            if user["disabled"]
            else "has to choose a password"
            if user["must_change_password"]
            else "open",
        }
        for user in users
    ]
    table(rows, "users", columns=USERS, empty="Nobody has a role here yet: add somebody below.")
    _invitations(client)
    with st.expander("Invite somebody", icon=":material/person_add:"), st.form("add_user"):
        st.caption(
            "You get a link to send them. Only they choose a password; who has an account "
            "already accepts with its own."
        )
        email = st.text_input("Email", type="email")
        role = st.selectbox("Role", list(ROLES), format_func=ROLES.__getitem__)
        if st.form_submit_button("Invite", type="primary"):
            _invite(client, email, role)
    if users:
        with st.expander("Change or remove somebody", icon=":material/manage_accounts:"):
            _change_user(client, users)


def _invite(client: Api, email: str, role: Role) -> None:
    try:
        made = client.invite_user({"email": email.strip(), "role": role})
    except ApiError as error:
        st.error("That is not an email address." if error.status == 400 else str(error))
        return
    parts = urlsplit(st.context.url or "")
    link = f"{parts.scheme}://{parts.netloc}/welcome?code={made['code']}"
    _keep(f"The link for {email}, good for {made['days']} days and one use.", link)


def _invitations(client: Api) -> None:
    invited = client.list_invitations()["items"]
    st.caption("Invited, not accepted yet")
    rows = [{**one, "expires": when(one["expires_at"])} for one in invited]
    table(rows, "invitations", columns=INVITED, empty="Nobody is invited.")
    if not invited:
        return
    with st.expander("Withdraw an invitation", icon=":material/person_remove:"):
        by_id = {one["invitation_id"]: one["email"] for one in invited}
        chosen = st.selectbox("Whose", list(by_id), format_func=by_id.__getitem__)
        if st.button("Withdraw"):
            client.withdraw_invitation(chosen)
            st.rerun()


def _change_user(client: Api, users: list[UserRow]) -> None:
    by_id = {user["user_id"]: user for user in users}
    user_id = st.selectbox("Who", list(by_id), format_func=lambda i: by_id[i]["email"])
    role = st.selectbox(
        "Role from now on",
        tuple(ROLES),
        index=tuple(ROLES).index(by_id[user_id]["role"]),
        format_func=ROLES.__getitem__,
        key=f"role_of_{user_id}",
    )
    columns = st.columns(2)
    try:
        if columns[0].button("Save the role", width="stretch"):
            client.change_role(user_id, {"role": role})
            st.rerun()
        if columns[1].button("Remove from this portal", width="stretch"):
            client.remove_user(user_id)
            st.rerun()
    except ApiError as error:
        refused(error)


def _second_factor(client: Api, required: Needed) -> None:
    with st.expander("Second factor", icon=":material/phonelink_lock:"):
        st.caption("Everybody can set one up. Who has to is shut out of this portal until then.")
        chosen = st.selectbox(
            "Who needs a second factor",
            tuple(NEEDED),
            index=tuple(NEEDED).index(required),
            format_func=NEEDED.__getitem__,
        )
        if st.button("Save", key="save_second_factor"):
            try:
                client.require({"second_factor": chosen})
            except ApiError as error:
                refused(error)
                return
            st.rerun()


def _keys(client: Api, names: dict[str, str]) -> None:
    st.header("API keys")
    keys = client.list_keys()["items"]
    rows = [
        {
            **key,
            "expires": when(key["expires_at"]) or "never",
            "used": when(key["last_used_at"]) or "never",
            "maker": who(key["made_by"], names) or "unknown",
            "state": "revoked" if key["revoked_at"] else "open",
        }
        for key in keys
    ]
    table(rows, "api-keys", columns=KEYS, empty="No program has a key yet.")
    with st.expander("Make a key", icon=":material/key:"), st.form("add_key"):
        name = st.text_input("What is it for?")
        role = st.selectbox("Role", list(ROLES), format_func=ROLES.__getitem__)
        days = st.number_input("Expires after (days)", 1, 366, 90)
        if st.form_submit_button("Make", type="primary"):
            _add_key(client, name, role, int(days))
    open_keys = [key["prefix"] for key in keys if not key["revoked_at"]]
    if open_keys:
        with st.expander("Revoke a key", icon=":material/key_off:"):
            prefix = st.selectbox("Which", open_keys)
            if st.button("Revoke"):
                client.revoke_key(prefix)
                st.rerun()


def _add_key(client: Api, name: str, role: Role, days: int) -> None:
    try:
        made = client.add_key({"label": name.strip(), "role": role, "days": days})
    except ApiError as error:
        st.error("Say what the key is for." if error.status == 400 else str(error))
        return
    _keep(f"API key {made['prefix']}.", made["key"])


def _trail(client: Api, names: dict[str, str]) -> None:
    st.header("Audit trail")
    page = client.list_audit(limit=TRAIL_ROWS)
    rows = [
        {
            **row,
            "at": when(row["at"]),
            "actor": who(row["actor"], names),
            "action": deed(row["action"]),
            "subject": "" if row["subject"].startswith("portal:") else who(row["subject"], names),
            "detail": told(row["detail"]),
        }
        for row in page["items"]
    ]
    table(rows, "audit", columns=TRAIL, empty="Nothing has been changed yet.")
    if page["next"]:
        st.caption(f"The last {TRAIL_ROWS}; all of them: `flask --app backend audit export`.")


def _accesses(client: Api, names: dict[str, str]) -> None:
    st.header("Who read what")
    page = client.list_accesses(limit=TRAIL_ROWS)
    rows = [
        {
            **row,
            "at": when(row["at"]),
            "actor": who(row["actor"], names),
            "what": request(row["action"]),
            "status": "done" if row["status"] < 400 else f"refused ({row['status']})",
        }
        for row in page["items"]
    ]
    table(rows, "accesses", columns=ACCESSES, empty="Nothing was read yet.")
