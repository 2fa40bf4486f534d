"""200 clients want the last item at once, over HTTP: exactly one gets it, and the harness would see it otherwise."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from http.client import HTTPConnection
from json import dumps, loads
from typing import Any
from urllib.parse import urlsplit

import pytest

from app.models import StockEntry
from app.plugins.cassandra_cqlengine import Entry, ledger, statements, store
from app.plugins.cassandra_cqlengine.ledger import BalanceTooLow, LedgerUnbalanced, Posting
from app.services import accounts as account_service
from app.services.accounts import NewAccount, SessionStart
from app.services.catalog import stock
from app.utils.clock import utc_now
from app.utils.ids import new_id
from tests.purchases import Goods, make_goods

log = logging.getLogger(__name__)

CLIENTS = 200


@dataclass(frozen=True)
class Answer:
    """What one client was told."""

    status: int
    content: dict[str, Any]

    @property
    def code(self) -> str:
        return self.content.get("error", {}).get("code", "")


@pytest.fixture(scope="module")
def tokens(app, settings) -> list[str]:
    """A bearer token for each of 200 people."""
    cheap = replace(settings, argon2_memory_kib=64, argon2_iterations=1)

    def sign_up(number: int) -> str:
        account = NewAccount(f"racer-{number}-{new_id()}@example.com", "correct horse battery")
        start = SessionStart("mobile", "race")
        return account_service.sign_up(account, start, now=utc_now(), settings=cheap).access_token

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(sign_up, range(CLIENTS)))


def race(address: str, goods: Goods, tokens: Sequence[str]) -> list[Answer]:
    """Every client asks for one piece at the same moment."""
    host = urlsplit(address)
    body = dumps({"items": [{"kind": goods.kind, "ref_id": goods.id, "quantity": 1}], "provider": "sandbox"})
    start = threading.Barrier(len(tokens))

    def client(token: str) -> Answer:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Idempotency-Key": new_id()}
        connection = HTTPConnection(host.hostname or "", host.port, timeout=120)
        connection.connect()
        start.wait()
        connection.request("POST", "/api/orders", body, headers)
        answer = connection.getresponse()
        told = Answer(answer.status, loads(answer.read()))
        connection.close()
        return told

    with ThreadPoolExecutor(len(tokens)) as pool:
        return list(pool.map(client, tokens))


def faults(answers: Sequence[Answer], goods: Goods) -> list[str]:
    """All that is wrong with the outcome of a race for one piece; empty when it is exactly right."""
    found = []
    told = Counter((answer.status, answer.code) for answer in answers)
    if told != Counter({(201, ""): 1, (409, "out_of_stock"): len(answers) - 1}):
        found.append(f"clients were told {dict(told)}")
    available = {answer.content["error"]["details"]["available"] for answer in answers if answer.status == 409}
    if available - {0}:
        found.append(f"refusals say that {available} are available")
    holds = [entry for entry in ledger.entries(StockEntry, goods.reference) if entry.kind == "hold"]
    if len(holds) != 1:
        found.append(f"{len(holds)} holds stand for one piece")
    try:
        if (left := ledger.audit(StockEntry, goods.reference)) != 0:
            found.append(f"{left} are left")
    except LedgerUnbalanced as fault:
        found.append(str(fault))
    return found


def post_without_condition(
    model: Any, ledger_id: str, entries: Sequence[Entry], now: datetime, *, floor: int = 0, unless: Any = ()
) -> Posting:
    """What `ledger.post` would be without its IF: look, then write."""
    left = ledger.balance(model, ledger_id)
    after = left + sum(entry.amount for entry in entries)
    if after < floor:
        raise BalanceTooLow(left - floor)
    time.sleep(0.05)  # the moment in which others look too
    table = statements.table(model)
    for entry in entries:
        store().execute(
            f"INSERT INTO {table} (ledger_id, entry_id, balance, write_token, amount, kind, reference, balance_after, "
            "posting_token, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [ledger_id, entry.entry_id, after, new_id(), entry.amount, entry.kind, entry.reference, after, "", now],
        )
    return Posting(after, list(entries), already=False)


@pytest.mark.parametrize("kind", ["product", "course"])
def test_200_clients_want_the_last_one_and_exactly_one_gets_it(live_server, tokens, kind):
    goods = make_goods(kind, left=1)
    started = time.perf_counter()
    answers = race(live_server, goods, tokens)
    log.info("%d clients were answered in %.1f s", len(answers), time.perf_counter() - started)
    assert faults(answers, goods) == []


def test_the_same_race_without_the_condition_oversells_and_is_seen(live_server, tokens, monkeypatch):
    goods = make_goods(left=1)
    monkeypatch.setattr(stock.ledger, "post", post_without_condition)
    answers = race(live_server, goods, tokens)
    sold = sum(answer.status == 201 for answer in answers)
    found = faults(answers, goods)
    log.info("without the condition %d clients bought the last one: %s", sold, found)
    assert sold > 1
    assert any("holds stand for one piece" in fault for fault in found)
    assert any("sum to" in fault for fault in found), "the ledger's audit sees it too"
