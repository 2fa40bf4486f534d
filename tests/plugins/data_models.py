"""Tables that only the data layer's own tests use."""

from app.plugins.cassandra_cqlengine import ConditionalModel, LedgerModel, Model, columns
from app.plugins.cassandra_cqlengine_elastic import MirroredModel
from app.utils.ids import new_id

DEFINITIONS = {
    "t_book": {
        "id": {"type": "keyword"},
        "title": {"type": "text"},
        "price_cents": {"type": "long"},
        "tags": {"type": "keyword"},
        "published_at": {"type": "date"},
        "is_used": {"type": "boolean"},
        "extras": {"type": "object"},
        "updated_at": {"type": "date"},
    },
    "t_loan": {
        "library": {"type": "keyword"},
        "number": {"type": "keyword"},
        "status": {"type": "keyword"},
    },
}


class Book(MirroredModel):
    """A mirrored row of many kinds of columns. Read path: by id."""

    __table_name__ = "t_book"
    id = columns.Text(primary_key=True, default=new_id)
    title = columns.Text(required=True)
    price_cents = columns.BigInt()
    tags = columns.Set(columns.Text)
    pages = columns.List(columns.Integer)
    published_at = columns.DateTime()
    is_used = columns.Boolean()
    secret = columns.Text()
    extras = columns.Map(columns.Text, columns.Text)


class Loan(ConditionalModel, MirroredModel):
    """A mirrored row with a key of two parts that rivals contend for. Read path: by library and number."""

    __table_name__ = "t_loan"
    library = columns.Text(partition_key=True)
    number = columns.Text(primary_key=True)
    status = columns.Text()
    count = columns.Integer()


class SeatEntry(LedgerModel):
    """Seats of an offer. Read path: an offer's entries."""

    __table_name__ = "t_seat_entry"


class Hooked(Model):
    """A row that notes which hooks ran. Read path: by id."""

    __table_name__ = "t_hooked"
    id = columns.Text(primary_key=True, default=new_id)
    name = columns.Text(required=True)

    @property
    def calls(self) -> list[str]:
        return self.__dict__.setdefault("_calls", [])

    def before_create(self) -> None:
        if self.name == "forbidden":
            raise ValueError("not this one")
        self.name = self.name.strip()
        self.calls.append("before_create")

    def after_create(self) -> None:
        assert Hooked.find(self.id) is not None
        self.calls.append("after_create")

    def before_update(self) -> None:
        self.calls.append("before_update")

    def after_update(self) -> None:
        self.calls.append("after_update")

    def before_delete(self) -> None:
        self.calls.append("before_delete")

    def after_delete(self) -> None:
        assert Hooked.find(self.id) is None
        self.calls.append("after_delete")


MODELS = (Book, Loan, SeatEntry, Hooked)
