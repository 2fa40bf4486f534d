"""What the one search box reads and answers."""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from app.net.schemas.catalog import ItemSummary
from app.net.schemas.common import Out, Query
from app.net.schemas.stores import SellerOut
from app.services.catalog.search import KINDS, Hits
from app.utils.shared import load_shared

LIMITS = load_shared("limits")


class SearchQuery(Query):
    """What to look for."""

    q: Annotated[str, Field(min_length=LIMITS["search_min"], max_length=LIMITS["search_max"])]
    kinds: str = Field("course,product,school,store", max_length=200, description=f"Of {', '.join(KINDS)}.")

    @model_validator(mode="after")
    def _known_kinds(self) -> Self:
        if unknown := [kind for kind in self.wanted if kind not in KINDS]:
            raise ValueError(f"kinds: {unknown[0]} is not one of {', '.join(KINDS)}")
        return self

    @property
    def wanted(self) -> list[str]:
        return [kind.strip() for kind in self.kinds.split(",") if kind.strip()]


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
