"""Values kept for a while, shared by all processes."""

from app.plugins.cassandra_cqlengine import Model, columns


class CacheEntry(Model):
    """One cached value as JSON text. Read path: by name. Expires by Cassandra's own time to live."""

    __table_name__ = "cache_entry"
    __options__ = {"gc_grace_seconds": 3600}

    name = columns.Text(partition_key=True)
    value = columns.Text()

    @classmethod
    def _is_stamped(cls) -> bool:
        return False
