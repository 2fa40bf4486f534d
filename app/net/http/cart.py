"""The cart of a user, or of a visitor known by a cookie of their own."""

import secrets

from flask import Response, current_app, g, request

from app.env import Settings
from app.models.cart import KEEP_DAYS, CartContent
from app.net.answers import created, created_answer, no_content, no_content_answer, one, one_answer
from app.net.middlewares.access import current_user, login_optional
from app.net.middlewares.blueprints import ApiBlueprint
from app.net.middlewares.cookies import cookie_name
from app.net.schemas.cart import CartItemIn, CartLinePath, CartOut, CartQuantityIn
from app.services.cart import lines as cart_service
from app.services.cart.merging import merge
from app.services.cart.viewing import show

VISITOR_COOKIE = "visitor"

cart = ApiBlueprint("cart", url_prefix="/api/cart", tag="Cart")


@cart.get("", answers=one_answer(CartOut))
@login_optional
def read_cart() -> Response:
    """The cart with today's prices."""
    return _with_visitor(one(_shown(cart_service.find_content(cart_owner()))))


@cart.delete("", answers=no_content_answer())
@login_optional
def empty_cart() -> Response:
    """Take everything out."""
    cart_service.empty_cart(cart_owner())
    return _with_visitor(no_content())


@cart.post("/items", answers=created_answer(CartOut), errors=(404, 409), idempotent=True)
@login_optional
def add_cart_item(body: CartItemIn) -> Response:
    """Put something in; the same thing again adds to its quantity."""
    owner = cart_owner(makes_visitor=True)
    key = request.headers.get("Idempotency-Key", "")
    content = cart_service.add_item(owner, body.kind, body.ref_id, body.quantity, key=key)
    return _with_visitor(created(_shown(content), location="/api/cart"))


@cart.put("/items/<line_id>", answers=one_answer(CartOut), errors=(409,))
@login_optional
def set_cart_quantity(path: CartLinePath, body: CartQuantityIn) -> Response:
    """Set a line's quantity; 0 takes it out. The price of today counts as seen."""
    content = cart_service.set_quantity(cart_owner(), path.line_id, body.quantity)
    return _with_visitor(one(_shown(content)))


@cart.delete("/items/<line_id>", answers=no_content_answer())
@login_optional
def remove_cart_item(path: CartLinePath) -> Response:
    """Take a line out."""
    cart_service.remove_item(cart_owner(), path.line_id)
    return _with_visitor(no_content())


def cart_owner(*, makes_visitor: bool = False) -> str:
    """Whose cart this request means. A visitor's cart moves to the user with the first request after a login."""
    token = request.cookies.get(cookie_name(VISITOR_COOKIE), "")
    if current_user.is_authenticated:
        if token:
            merge(token, current_user.id)
            g.visitor_cookie = ""
        return cart_service.owner_of_user(current_user.id)
    if not token and makes_visitor:
        token = g.visitor_cookie = secrets.token_urlsafe(24)
    return cart_service.owner_of_visitor(token)


def _shown(content: CartContent) -> CartOut:
    settings: Settings = current_app.config["SETTINGS"]
    return CartOut.of(show(content, settings.default_currency))


def _with_visitor(answer: Response) -> Response:
    token = g.get("visitor_cookie")
    settings: Settings = current_app.config["SETTINGS"]
    if token:
        answer.set_cookie(
            cookie_name(VISITOR_COOKIE),
            token,
            max_age=KEEP_DAYS * 24 * 3600,
            httponly=True,
            samesite="Lax",
            secure=settings.cookie_secure,
        )
    elif token == "":
        answer.delete_cookie(cookie_name(VISITOR_COOKIE), httponly=True, samesite="Lax", secure=settings.cookie_secure)
    return answer
