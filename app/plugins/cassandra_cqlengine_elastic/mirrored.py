"""Models that are also found by what they hold: each write is mirrored to the model's index."""

from collections.abc import Sequence
from typing import Any, Self

from cassandra.query import BoundStatement

from app.plugins.cassandra_cqlengine import Model
from app.plugins.cassandra_cqlengine_elastic import delivery
from app.plugins.cassandra_cqlengine_elastic.documents import document_of_instance
from app.plugins.cassandra_cqlengine_elastic.outbox import DELETE, INTENT, RESTORE, announcement
from app.plugins.cassandra_cqlengine_elastic.prompt import index_soon
from app.plugins.cassandra_cqlengine_elastic.query import Query
from app.plugins.cassandra_cqlengine_elastic.registry import register
from app.plugins.cassandra_cqlengine_elastic.search import search
from app.utils.errors import SearchUnavailable


class MirroredModel(Model):
    """A row with a document in Elasticsearch, whose columns app/elastic.py lists. Queries: `Model.elastic(...)`."""

    __abstract__ = True

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if not cls.__abstract__:
            register(cls)

    @classmethod
    def elastic(cls, column: str | None = None, *condition_and_value: Any) -> Query[Self]:
        """Begin a query: all rows, or those where `column` meets a condition (see `Query.where`)."""
        query: Query[Self] = Query(cls)
        return query if column is None else query.where(column, *condition_and_value)

    def _companions(self, operation: str, written_us: int) -> Sequence[BoundStatement]:
        if self.__conditional__ and operation not in (INTENT, RESTORE):
            return ()
        return (announcement(self._raw_column_family_name(), self.key, operation, written_us),)

    def _written(self, operation: str, *, refresh: bool) -> None:
        if operation == DELETE:
            self._removed(refresh=refresh)
        elif self.__conditional__ and not refresh:
            index_soon(type(self), self.key)
        else:
            whole = operation == "create" and not self.__conditional__
            delivery.index_row(self, whole=whole, refresh=refresh)

    def _removed(self, *, refresh: bool) -> None:
        table = self._raw_column_family_name()
        if self.__conditional__:
            if not search().is_resting():
                self._deliver_removal(table)
            return
        delivery.index_at_once([delivery.marker(table, self.key, self._written_us)], refresh=refresh)

    def _deliver_removal(self, table: str) -> None:
        """Bring the index to the removal now; without an answer the intent stays, and the relay does it."""
        try:
            delivery.deliver([delivery.delivery_of(type(self), self.key)], {table: [search().alias(table)]})
        except SearchUnavailable:
            search().rest()

    @classmethod
    def _written_many(cls, instances: Sequence[Self]) -> None:
        delivery.index_at_once([document_of_instance(instance) for instance in instances])
