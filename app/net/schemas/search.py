"""What the one search box reads and answers."""

from typing import Annotated, Any, Self

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from app.net.schemas.catalog import ItemSummary
from app.net.schemas.common import Out, Query
from app.net.schemas.stores import SellerOut
from app.services.catalog.search import KINDS, Hits
from app.utils.shared import load_shared

LIMITS = load_shared("limits")


def _split(kinds: str) -> list[str]:
    return [kind.strip() for kind in kinds.split(",") if kind.strip()]


class SearchQuery(Query):
    """What to look for."""

    q: Annotated[str, Field(min_length=LIMITS["search_min"], max_length=LIMITS["search_max"])]
    kinds: str = Field("course,product,school,store", max_length=200, description=f"Of {', '.join(KINDS)}.")

    @field_validator("kinds")
    @classmethod
    def _known_kinds(cls, text: str) -> str:
        if unknown := [kind for kind in _split(text) if kind not in KINDS]:
            raise PydanticCustomError(
                "kinds", "{kind} is not one of {kinds}", {"kind": unknown[0], "kinds": ", ".join(KINDS)}
            )
        return text

    @property
    def wanted(self) -> list[str]:
        return _split(self.kinds)


class FoundOut(Out):
    """Up to five best matches of each kind asked for; `totals` says how many there are in all."""

    course: list[ItemSummary] = Field([])
    product: list[ItemSummary] = Field([])
    school: list[SellerOut] = Field([])
    store: list[SellerOut] = Field([])
    totals: dict[str, int]

    @classmethod
    def of(cls, found: list[Hits]) -> Self:
        lists: dict[str, list[Any]] = {}
        for hits in found:
            if hits.kind in ("course", "product"):
                lists[hits.kind] = [ItemSummary.of_document(hits.kind, each) for each in hits.documents]
            elif hits.kind in ("school", "store"):
                lists[hits.kind] = [SellerOut.of_document(hits.kind, each) for each in hits.documents]
        return cls(**lists, totals={hits.kind: hits.total for hits in found})
