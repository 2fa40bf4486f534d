"""Routes that exist for these tests only: each shows one rule of the frame, whatever the domains do."""

import threading
from typing import Annotated

from flask import Response
from pydantic import Field

from app.net.answers import (
    created,
    created_answer,
    list_answer,
    listed,
    no_content,
    no_content_answer,
    one,
    one_answer,
)
from app.net.middlewares import csrf
from app.net.middlewares.access import login_required, public
from app.net.middlewares.blueprints import ApiBlueprint
from app.net.middlewares.limits import at_most
from app.net.pages import after_of, next_of, order_of, skip_of
from app.net.preconditions import ensure_unchanged
from app.net.schemas.common import (
    Body,
    Form,
    Id,
    Instant,
    MoneyText,
    Out,
    PageQuery,
    PathIds,
    SortBy,
    TablePageQuery,
    Upload,
)
from app.utils.clock import utc_now
from app.utils.errors import ConcurrentChange, SearchUnavailable
from app.utils.ids import new_id
from tests.times import at

NAMES = [f"thing-{number:02}" for number in range(1, 26)]
executions: list[str] = []
executing = threading.Event()
go_on = threading.Event()
go_on.set()

probe = ApiBlueprint("probe", url_prefix="/api/probe", tag="Probe")


class PartIn(Body):
    size: int = Field(ge=1)


class ThingIn(Body):
    name: str = Field(max_length=20)
    count: int = Field(ge=0, le=100)
    price: MoneyText | None = None
    ratio: float = 0.5
    at: Instant | None = None
    note: str = ""
    parts: list[PartIn] = []


class ThingOut(Out):
    id: str
    name: str
    count: int
    price: MoneyText | None = None
    at: Instant | None = None


class ThingPath(PathIds):
    thing_id: Id


class ThingQuery(PageQuery):
    sort: Annotated[str, SortBy("name", "count")] = "name"
    min_count: int = Field(0, ge=0)


class UploadForm(Form):
    title: str
    file: Upload


@probe.post("/things", answers=created_answer(ThingOut), errors=(409,), idempotent=True)
@public
def make_thing(body: ThingIn) -> Response:
    """Make a thing; the name decides what becomes of it."""
    executions.append(body.name)
    executing.set()
    go_on.wait(30)
    if body.name == "crash":
        raise RuntimeError("password=hunter2 was in the way")
    if body.name == "lost":
        raise ConcurrentChange("Somebody was faster.", details={"retry_after_seconds": 7})
    if body.name == "search":
        raise SearchUnavailable("Search is away.")
    thing = ThingOut(id=new_id(), name=body.name, count=body.count, price=body.price, at=body.at)
    return created(thing, location=f"/api/probe/things/{thing.id}")


@probe.get("/things", answers=list_answer(ThingOut))
@public
def list_things(query: ThingQuery) -> Response:
    """Page over the fixed names."""
    _field, descending = order_of(query.sort)
    names = sorted(NAMES, reverse=descending)
    after = after_of(query)
    first = names.index(after[0]) + 1 if after else 0
    page = names[first : first + query.size]
    last = first + query.size >= len(names)
    things = [ThingOut(id=name, name=name, count=1) for name in page]
    return listed(things, size=query.size, total=len(names), next=next_of(query, None if last else [page[-1]]))


@probe.get("/table", answers=list_answer(ThingOut))
@public
def table_of_things(query: TablePageQuery) -> Response:
    """Page by number."""
    skip = skip_of(query)
    things = [ThingOut(id=name, name=name, count=1) for name in NAMES[skip : skip + query.size]]
    return listed(things, size=query.size, total=len(NAMES), next=None)


@probe.get("/things/<thing_id>", answers=one_answer(ThingOut))
@public
def read_thing(path: ThingPath) -> Response:
    """One thing."""
    moment = at("2026-01-31T12:00:00.123")
    return one(ThingOut(id=path.thing_id, name="thing", count=1, price="12.50", at=moment))


@probe.patch("/things/<thing_id>", answers=one_answer(ThingOut), errors=(409,))
@public
def change_thing(path: ThingPath, body: ThingIn) -> Response:
    """Change a thing that was last changed on 2026-01-31 at noon."""
    ensure_unchanged(at("2026-01-31T12:00:00.123"))
    return one(ThingOut(id=path.thing_id, name=body.name, count=body.count))


@probe.delete("/things/<thing_id>", answers=no_content_answer())
@public
def remove_thing(path: ThingPath) -> Response:
    """Remove a thing."""
    return no_content()


@probe.post("/private", answers=one_answer(ThingOut), idempotent=True)
@login_required
def private_thing(body: ThingIn) -> Response:
    """Only for people who are logged in."""
    executions.append(body.name)
    return one(ThingOut(id=new_id(), name=body.name, count=body.count, at=utc_now()))


@probe.post("/uploads", answers=one_answer(ThingOut), max_bytes=3_000_000, idempotent=True)
@public
def upload(form: UploadForm) -> Response:
    """Take a file."""
    executions.append(form.title)
    return one(ThingOut(id=new_id(), name=form.title, count=len(form.file.read())))


@probe.post("/hooks", answers=no_content_answer(), csrf=False)
@public
def hook() -> Response:
    """A door with a signature of its own."""
    return no_content()


@probe.get("/token", answers=no_content_answer())
@public
def token() -> Response:
    """Hand out the CSRF token."""
    answer = no_content()
    answer.headers["X-Token"] = csrf.issue()
    return answer


@probe.get("/fault", answers=no_content_answer())
@public
def fault() -> Response:
    """Fail in a way nobody foresaw."""
    raise RuntimeError("Bearer abc.def.ghi and card 4242 4242 4242 4242")


@probe.get("/tight", answers=no_content_answer())
@at_most(2)
@public
def tight() -> Response:
    """A door with a limit of its own."""
    return no_content()
