"""cqlengine's columns, with instants that are aware UTC on both sides of the store."""

from datetime import UTC, datetime, timedelta
from typing import Any

from cassandra.cqlengine import ValidationError
from cassandra.cqlengine import columns as _columns

from app.utils.clock import at_milliseconds

Ascii: Any = _columns.Ascii
BigInt: Any = _columns.BigInt
Blob: Any = _columns.Blob
Boolean: Any = _columns.Boolean
Bytes: Any = _columns.Bytes
Date: Any = _columns.Date
Decimal: Any = _columns.Decimal
Double: Any = _columns.Double
Float: Any = _columns.Float
Integer: Any = _columns.Integer
List: Any = _columns.List
Map: Any = _columns.Map
Set: Any = _columns.Set
SmallInt: Any = _columns.SmallInt
Text: Any = _columns.Text
TimeUUID: Any = _columns.TimeUUID
UUID: Any = _columns.UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class _Instant(_columns.DateTime):
    """An instant at millisecond precision. Takes and gives aware UTC datetimes; anything else is refused."""

    def to_python(self, value: Any) -> datetime | None:
        if value is None:
            return None
        if not isinstance(value, datetime):
            raise ValidationError(f"{self.column_name} {value!r} is not an instant")
        return at_milliseconds(value.replace(tzinfo=UTC) if value.tzinfo is None else value)

    def validate(self, value: Any) -> datetime | None:
        value = super().validate(value)
        if value is None:
            return None
        if not isinstance(value, datetime) or value.utcoffset() != timedelta(0):
            raise ValidationError(f"{self.column_name} {value!r} is not an aware UTC datetime")
        return at_milliseconds(value)

    def to_database(self, value: Any) -> int | None:
        """Milliseconds from the epoch."""
        value = self.validate(value)
        return None if value is None else (value - _EPOCH) // _MILLISECOND


DateTime: Any = _Instant
