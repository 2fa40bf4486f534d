"""The sandbox provider's hosted page. It stands for another company's site, so it knows neither login nor order."""

import json
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request

from app.net.middlewares.access import public
from app.plugins.sandbox import SandboxCharge, sandbox
from app.utils.clock import utc_now
from app.utils.money import to_text

sandbox_pages = Blueprint("sandbox", __name__, url_prefix="/sandbox")


@sandbox_pages.get("/pay/<payment_id>")
@public
def show(payment_id: str) -> Response:
    """The page with what is to be paid, and two buttons."""
    charge = _charge(payment_id)
    answer = Response(render_template("sandbox/pay.html", **_shown(charge)))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@sandbox_pages.post("/pay/<payment_id>")
@public
def act(payment_id: str) -> Any:
    """The person pressed a button: the provider's books change, the shop is told, the browser goes back to it."""
    charge = _charge(payment_id)
    choice = request.form.get("choice")
    if choice == "pay":
        charge = sandbox.pay(charge, utc_now())
    elif choice == "decline":
        charge = sandbox.decline(charge, utc_now())
    else:
        abort(400)
    return redirect(charge.success_url if charge.state == "paid" else charge.cancel_url, 303)


def _charge(payment_id: str) -> SandboxCharge:
    charge = sandbox.find_charge(payment_id) if sandbox.enabled else None
    if charge is None:
        abort(404)
    return charge


def _shown(charge: SandboxCharge) -> dict[str, Any]:
    lines = json.loads(charge.lines)
    for line in lines:
        line["amount"] = to_text(line["unit_price_cents"] * line["quantity"], charge.currency)
    return {
        "charge": charge,
        "lines": lines,
        "sellers": sorted({line["seller_name"] for line in lines if line["seller_name"]}),
        "amount": to_text(charge.amount_cents, charge.currency),
        "is_over": utc_now() >= charge.expires_at,
    }
