"""Shops that sell goods, and which sellers a person owns."""

from typing import ClassVar

from app.plugins.cassandra_cqlengine import Model, columns
from app.plugins.cassandra_cqlengine_elastic import MirroredModel
from app.utils.ids import new_id


class Seller(MirroredModel):
    """What schools and stores have in common. Read path: one seller by id."""

    __abstract__ = True
    kind: ClassVar[str]

    id = columns.Text(primary_key=True, default=new_id)
    owner_id = columns.Text(required=True)
    name = columns.Text(required=True)
    slug = columns.Text(required=True)
    tagline = columns.Text()
    description = columns.Text()
    logo = columns.Text()
    cover = columns.Text()
    city = columns.Text()
    country = columns.Text()
    address = columns.Text()
    phone = columns.Text()
    email = columns.Text()
    currency = columns.Text(required=True)
    is_active = columns.Boolean(required=True, default=True)
    rating = columns.Double()
    rating_count = columns.Integer(required=True, default=0)


class Store(Seller):
    """A shop. Read path: one store by id."""

    __table_name__ = "store"
    kind = "store"


class OwnedSeller(Model):
    """A school or store and the person who owns it. Read path: all sellers of a person."""

    __table_name__ = "owned_seller"

    user_id = columns.Text(partition_key=True)
    seller_id = columns.Text(primary_key=True)
    seller_kind = columns.Text(required=True)
    role = columns.Text(required=True)
