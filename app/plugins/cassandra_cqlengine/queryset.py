"""Reads of cqlengine's query sets, sent as prepared statements; its writes past the instance are refused."""

import re
from typing import Any

from cassandra.cqlengine.functions import QueryValue
from cassandra.cqlengine.operators import BaseWhereOperator
from cassandra.cqlengine.query import ModelQuerySet
from cassandra.cqlengine.statements import InQuoter
from werkzeug.exceptions import NotFound

from app.plugins.cassandra_cqlengine.statements import selected
from app.plugins.cassandra_cqlengine.store import store

_PLACEHOLDER = re.compile(r"%\((\d+)\)s")


class BulkWriteRefused(TypeError):
    """A write that goes past the instance would go past validation, hooks and the mirror."""


class PreparedQuerySet(ModelQuerySet):
    """`Model.objects`: the same reads as cqlengine's, prepared once and run on the process's store."""

    def _execute(self, statement: Any) -> Any:
        context, text = statement.get_context(), str(statement)
        values = [_plain(context[name]) for name in _PLACEHOLDER.findall(text)]
        cql = self._with_write_time(_PLACEHOLDER.sub("?", text))
        return store().execute(cql, values, fetch_size=getattr(statement, "fetch_size", None))

    def _with_write_time(self, cql: str) -> str:
        if not self.model._is_stamped() or self._values_list or cql.startswith("SELECT COUNT"):
            return cql
        if cql.startswith("SELECT * FROM"):
            return cql.replace("*", selected(self.model), 1)
        return cql.replace(" FROM", ', writetime("updated_at") AS written_us FROM', 1)

    def first_or_404(self) -> Any:
        """The first row, or an HTTP 404."""
        row = self.first()
        if row is None:
            raise NotFound()
        return row

    def allow_filtering(self) -> Any:
        raise BulkWriteRefused("allow_filtering() scans the whole table; ask the mirror instead")

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise BulkWriteRefused("write through Model.create, row.update and row.delete, which keep the mirror")

    create = update = delete = batch = if_not_exists = if_exists = iff = ttl = timestamp = _refuse


def _plain(value: Any) -> Any:
    if isinstance(value, InQuoter):
        return [_plain(item) for item in value.value]
    if isinstance(value, QueryValue):
        return value.value
    if isinstance(value, BaseWhereOperator):
        raise TypeError(f"{value!r} cannot be bound")
    return value
