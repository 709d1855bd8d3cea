"""The fault panel: the same rules as `PUT /sandbox/faults`, by clicks."""

from __future__ import annotations

from typing import Any

from flask import Flask, redirect, render_template, request
from werkzeug.wrappers import Response

from sandbox.errors import ApiError
from sandbox.faults.rules import CALL_EFFECTS, EFFECTS, WEBHOOK_EFFECTS, parse_rule
from sandbox.world import World

_WHOLE = ("ms", "status", "times", "portal")


class PanelPage:
    """`/sandbox/panel`."""

    def __init__(self, world: World) -> None:
        self._world = world

    def register(self, app: Flask) -> None:
        """Serve the page of this file."""
        app.add_url_rule("/sandbox/panel", endpoint="panel", view_func=self.show)
        app.add_url_rule(
            "/sandbox/panel", endpoint="panel-change", view_func=self.change, methods=["POST"]
        )

    def show(self, refusal: str = "") -> str:
        """Rules in force, a form for another, and the counts."""
        with self._world.lock:
            portals = list(self._world.portals.values())
        return render_template(
            "panel.html",
            rules=self._world.faults.as_json()["rules"],
            stats=self._world.stats.as_json(),
            pending=self._world.courier.pending(),
            target=self._world.courier.target_url,
            call_effects=CALL_EFFECTS,
            webhook_effects=WEBHOOK_EFFECTS,
            portals=portals,
            refusal=refusal,
        )

    def change(self) -> Response | tuple[str, int]:
        """Add a rule, remove one or all, let tokens expire, or uninstall the app."""
        try:
            self._apply(request.form.get("do", ""))
        except (ApiError, ValueError) as refused:
            return self.show(str(refused)), 400
        return redirect("/sandbox/panel", 303)

    def _apply(self, action: str) -> None:
        rules = self._world.faults.as_json()["rules"]
        match action.partition(":"):
            case ("add", _, _):
                rules.append(_rule_from_form())
            case ("remove", _, index) if index.isdigit() and int(index) < len(rules):
                del rules[int(index)]
            case ("clear", _, _):
                rules = []
            case ("expire", _, _):
                with self._world.lock:
                    self._world.tokens.expire_all()
            case ("uninstall", _, portal_id):
                self._uninstall(int(portal_id))
        self._world.faults.replace([parse_rule(entry) for entry in rules])

    def _uninstall(self, portal_id: int) -> None:
        with self._world.lock:
            portal = self._world.portal(portal_id)
            self._world.uninstall(portal, self._world.settings.app.app_id)


def _rule_from_form() -> dict[str, Any]:
    form = request.form
    entry: dict[str, Any] = {"effect": form.get("effect", "")}
    if entry["effect"] not in EFFECTS:
        raise ValueError("choose an effect")
    entry |= {name: int(form[name]) for name in _WHOLE if form.get(name)}
    entry |= {name: form[name] for name in ("path", "method") if form.get(name)}
    if form.get("share"):
        entry["share"] = float(form["share"]) / 100
    if form.get("retry_after_s"):
        entry["retry_after_s"] = float(form["retry_after_s"])
    if form.get("after"):
        entry["after"] = True
    return entry
