"""The check of who somebody is."""

from app.plugins.cassandra_cqlengine import ConditionalModel, columns
from app.plugins.cassandra_cqlengine_elastic import MirroredModel


class KycCase(ConditionalModel, MirroredModel):
    """One person's identity check. Read path: by the user's id; staff search the mirror, which has no number.

    number_sealed: by the vault; number_tail: its last four signs. front, back: names of sealed files, back may be
    empty. decided_by: the member of staff. round: counts the submissions.
    """

    __table_name__ = "kyc_case"

    user_id = columns.Text(partition_key=True)
    status = columns.Text(required=True)
    document_type = columns.Text(required=True)
    number_sealed = columns.Text(required=True)
    number_tail = columns.Text(required=True)
    front = columns.Text(required=True)
    back = columns.Text(default="")
    round = columns.Integer(required=True, default=1)
    submitted_at = columns.DateTime(required=True)
    decided_at = columns.DateTime()
    decided_by = columns.Text(default="")
    reason = columns.Text(default="")
