"""What is kept of the texts to one number, and how it is forgotten."""

from pathlib import Path

from app.plugins.cassandra_cqlengine import store
from app.plugins.sending_queue import SHARDS
from app.plugins.sms.files import texts_to
from app.plugins.sms.tables import OutgoingSms

_WAITING = "SELECT sms_key, recipient FROM outgoing_sms WHERE shard = ?"


def waiting_for(number: str) -> list[OutgoingSms]:
    """The texts that wait for this number, oldest first. Reads the whole queue, which is short."""
    found = []
    for shard in range(SHARDS):
        for row in store().execute(_WAITING, [shard], fetch_size=1000):
            if row["recipient"] == number and (text := OutgoingSms.find(shard, row["sms_key"])) is not None:
                found.append(text)
    return sorted(found, key=lambda text: text.queued_at)


def forget(number: str, folder: Path) -> int:
    """No text to this number waits, and none lies in `folder`, where texts are written without a provider.

    Deliveries name no number. Returns how many were removed.
    """
    waiting, written = waiting_for(number), texts_to(number, folder)
    for text in waiting:
        text.delete()
    for path in written:
        path.unlink(missing_ok=True)
    return len(waiting) + len(written)
