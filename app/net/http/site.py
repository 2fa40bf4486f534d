"""The built frontends: the site at /, the admin panel at /admin-panel, and a plain page while they are not built."""

from pathlib import Path

from flask import Blueprint, Response, abort, redirect, render_template, request, send_from_directory
from werkzeug.security import safe_join

from app.net.middlewares.access import public
from app.net.middlewares.headers import style_nonce

site = Blueprint("site", __name__)

_STATIC = Path(__file__).resolve().parents[2] / "static"
_FOREVER_SECONDS = 365 * 24 * 3600
_COMPRESSED = (("br", ".br"), ("gzip", ".gz"))
_NONCE_MARK = b"__CSP_NONCE__"
_SITE_PAGES = (
    "account",
    "cart",
    "checkout",
    "course",
    "courses",
    "order",
    "orders",
    "payment",
    "product",
    "products",
    "role-invitation",
    "school",
    "schools",
    "search",
    "seller",
    "store",
    "stores",
    "user",
)
"""First parts of the paths that the site's own router answers."""


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
    encoding, ending = _accepted_encoding(known)
    answer = send_from_directory(
        _STATIC / folder,
        path + ending,
        download_name=Path(path).name,
        max_age=_FOREVER_SECONDS if hashed else 300,
    )
    answer.vary.add("Accept-Encoding")
    if encoding:
        answer.content_encoding = encoding
    if hashed:
        answer.cache_control.immutable = True
        answer.cache_control.public = True
    return answer


def _accepted_encoding(file: str) -> tuple[str, str]:
    """The best compressed copy that the build laid beside the file and the browser takes: its name and ending."""
    for encoding, ending in _COMPRESSED:
        if request.accept_encodings[encoding] and Path(file + ending).is_file():
            return encoding, ending
    return "", ""


@site.get("/")
@public
def site_page(**_rest: str) -> Response:
    """The site's one page; its router shows what the path names."""
    return _page("site")


for _first in _SITE_PAGES:
    site.add_url_rule(f"/{_first}", view_func=site_page, endpoint=_first)
    site.add_url_rule(f"/{_first}/<path:rest>", view_func=site_page, endpoint=f"{_first}_below")


@site.get("/admin")
@site.get("/admin/")
@public
def admin_address() -> Response:
    """The address people guess."""
    return redirect("/admin-panel/")  # type: ignore[return-value]


@site.get("/admin-panel/")
@site.get("/admin-panel/<path:path>")
@public
def admin_page(path: str = "") -> Response:
    """The admin panel: its files, and its one page for every other path."""
    if Path(path).suffix:
        return _file("admin", path)
    return _page("admin")


@site.get("/assets/<path:path>")
@public
def site_asset(path: str) -> Response:
    """A built file of the site."""
    return _file("site", f"assets/{path}")


@site.get("/<string:name>")
@public
def site_file(name: str) -> Response:
    """A file at the site's top level, such as /favicon.svg or /robots.txt."""
    return _file("site", name)
