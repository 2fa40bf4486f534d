"""The tour of tests/tour.py on a site of its own: plain HTTP, a real Socket.IO client, mails into files."""

import logging
from dataclasses import replace
from pathlib import Path

from app.env import Settings
from app.services import accounts as account_service
from app.services.accounts import NewAccount
from app.utils.clock import utc_now
from app.utils.ids import new_id
from tests.factories import make_store
from tests.faults.serving import served
from tests.tour import PASSWORD, Tour

log = logging.getLogger(__name__)


def test_the_tour_from_sign_up_to_the_receipt(stores: Settings, tmp_path: Path):
    email = f"seller-{new_id()}@example.com".lower()
    seller = account_service.register(NewAccount(email, PASSWORD), now=utc_now(), settings=stores, is_seller=True)
    make_store(seller.id, name="Tour Shop")
    steps: list[str] = []
    with served(replace(stores, data_folder=tmp_path)) as site:
        order = Tour(site.address, (email, PASSWORD), steps.append, tmp_path / "mail").walk()
    log.info("\n".join(steps))
    assert len(order["id"]) == 27
    assert len(steps) == 11
