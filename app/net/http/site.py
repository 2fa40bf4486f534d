"""The built frontends: the site at /, the admin panel at /admin-panel, and a plain page while they are not built."""

from pathlib import Path

from flask import Blueprint, Response, abort, render_template, send_from_directory
from werkzeug.security import safe_join

from app.net.middlewares.headers import style_nonce

site = Blueprint("site", __name__)

_STATIC = Path(__file__).resolve().parents[2] / "static"
_FOREVER_SECONDS = 365 * 24 * 3600
_NONCE_MARK = b"__CSP_NONCE__"
_SITE_PATHS = (
    "/",
    "/search",
    "/login",
    "/register",
    "/cart",
    "/checkout",
    "/account",
    "/orders",
    "/courses",
    "/products",
    "/schools",
    "/stores",
    "/seller",
    "/payment",
)


def _page(folder: str) -> Response:
    """The frontend's one page, with a fresh nonce for its style elements; browsers ask again each time."""
    index = _STATIC / folder / "index.html"
    try:
        content = index.read_bytes()
    except FileNotFoundError:
        return Response(render_template("not_built.html", frontend=folder), mimetype="text/html")
    answer = Response(content.replace(_NONCE_MARK, style_nonce().encode()), mimetype="text/html")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def _file(folder: str, path: str) -> Response:
    """A built file; those with a hash in their name stay in the browser for a year."""
    known = safe_join(str(_STATIC / folder), path)
    if known is None or not Path(known).is_file():
        abort(404)
    hashed = path.startswith("assets/")
    answer = send_from_directory(_STATIC / folder, path, max_age=_FOREVER_SECONDS if hashed else 300)
    if hashed:
        answer.cache_control.immutable = True
        answer.cache_control.public = True
    return answer


def _site_page(**_ids: str) -> Response:
    return _page("site")


for _path in _SITE_PATHS:
    site.add_url_rule(_path, endpoint=f"page_{_path.strip('/') or 'home'}", view_func=_site_page)
    if _path != "/":
        site.add_url_rule(f"{_path}/<path:rest>", endpoint=f"page_{_path.strip('/')}_rest", view_func=_site_page)


@site.get("/admin-panel", strict_slashes=False)
@site.get("/admin-panel/<path:path>")
def admin_page(path: str = "") -> Response:
    """The admin panel: its files, and its one page for every other path."""
    if path and (_STATIC / "admin" / path).suffix:
        return _file("admin", path)
    return _page("admin")


@site.get("/assets/<path:path>")
def site_asset(path: str) -> Response:
    """A built file of the site."""
    return _file("site", f"assets/{path}")


@site.get("/<string:name>")
def site_file(name: str) -> Response:
    """A file at the site's top level, such as /favicon.svg or /robots.txt."""
    return _file("site", name)
