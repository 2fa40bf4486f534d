"""Which model a mirrored table belongs to."""

from app.plugins.cassandra_cqlengine import Model

_models: dict[str, type[Model]] = {}


def register(model: type[Model]) -> None:
    _models[model._raw_column_family_name()] = model


def model_of(table: str) -> type[Model]:
    """The model of a table. Raises KeyError for a table that is not mirrored."""
    return _models[table]


def mirrored_models() -> list[type[Model]]:
    """All mirrored models, by table name."""
    return [_models[table] for table in sorted(_models)]
