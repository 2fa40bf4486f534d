"""A process that is killed (kill -9) right after its n-th write to Cassandra, for every n until it survives.

Run as a program: `python -m tests.faults.dying_process <scenario>`, with the scenario's arguments for each attempt as
one JSON line on its input. It loads everything once and forks one child an attempt; a line out says `n` and whether
the child died. Settings come from the environment.
"""

import importlib
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from cassandra.query import BatchStatement

from app.elastic import INDEXES
from app.env import Settings, load_settings
from app.models import Payment
from app.plugins import cassandra_cqlengine_elastic, logs, sending_queue, system_message_center
from app.plugins.cassandra_cqlengine.store import Store
from app.plugins.sandbox import books, sandbox
from app.services.accounts import contacts
from app.services.orders import ending, placing
from app.services.orders.goods import WantedLine
from app.services.payments.settlement import poll_payment
from app.services.privacy.erasing import run_erasure
from tests.purchases import EXPIRED, NOW, TERMS, deliver, stands

ERASED_AT = NOW + timedelta(minutes=3)


class MortalStore(Store):
    """The same store, whose process dies after so many writes, as soon as Cassandra has taken the last of them."""

    writes_left: int

    def run(self, statement: Any) -> Any:
        return self._counted(statement, super().run(statement))

    def run_conditional(self, statement: Any) -> Any:
        return self._counted(statement, super().run_conditional(statement))

    def run_many(self, statements: Any, concurrency: int = 64) -> list[Any]:
        return [self.run(statement) for statement in statements]

    def _counted(self, statement: Any, answer: Any) -> Any:
        if isinstance(statement, BatchStatement) or not str(statement.prepared_statement.query_string).startswith(
            "SELECT"
        ):
            self.writes_left -= 1
            if self.writes_left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return answer


def purchase(kind: str, ref_id: str, buyer: str, key: str) -> None:
    """From the order to the news of the payment."""
    asked = placing.Purchase(buyer, f"{buyer.lower()}@example.com", "sandbox", (WantedLine(kind, ref_id, 1),), key=key)
    placed = placing.place_order(asked, TERMS, NOW)
    if placed.order.status == "pending" and placed.payment is not None:
        _, event_id = books.pay(placed.payment.id, NOW)
        if event_id:
            deliver(placed.payment.id, event_id)


def expire(order_id: str) -> None:
    """The order's time is over."""
    ending.expire_order(stands(order_id), EXPIRED)


def settle_ended(payment_id: str) -> None:
    """News of money for an order that has ended."""
    payment = Payment.find(payment_id)
    assert payment is not None
    poll_payment(payment, EXPIRED)


def change_email(token: str) -> None:
    """The new end confirms."""
    contacts.confirm_email(token, now=NOW)


def undo_email(token: str) -> None:
    """The old end says that it was not them."""
    contacts.undo(token, now=NOW, settings=load_settings())


def erase(user_id: str) -> None:
    """The job comes to a closed account."""
    run_erasure(user_id, settings=load_settings(), clock=lambda: ERASED_AT)


SCENARIOS: dict[str, Callable[..., None]] = {
    "purchase": purchase,
    "expire": expire,
    "settle_ended": settle_ended,
    "change_email": change_email,
    "undo_email": undo_email,
    "erase": erase,
}


def attempt(settings: Settings, scenario: str, arguments: dict[str, str], writes: int) -> bool:
    """Whether a child that dies after `writes` writes was killed (True) or came to its end before (False)."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            cassandra_cqlengine_elastic.configure(settings, INDEXES)
            mortal = MortalStore(settings)
            mortal.session  # noqa: B018 - connects, so that only the scenario's own statements count
            mortal.writes_left = writes
            importlib.import_module("app.plugins.cassandra_cqlengine.store")._current = mortal
            sending_queue.configure(settings)
            system_message_center.init_app(SimpleNamespace(config={"SETTINGS": settings}))  # type: ignore[arg-type]
            sandbox.configure(settings)
            SCENARIOS[scenario](**arguments)
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return True
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"the child failed after fewer than {writes} writes")
    return False


def main() -> None:
    settings = load_settings()
    logs.init_app(SimpleNamespace(config={"SETTINGS": settings}))  # type: ignore[arg-type]  # to standard error
    for writes, line in enumerate(sys.stdin, start=1):
        died = attempt(settings, sys.argv[1], json.loads(line), writes)
        sys.stdout.write(json.dumps({"writes": writes, "died": died}) + "\n")
        sys.stdout.flush()
        if not died:
            return


def environment(settings: Settings) -> dict[str, str]:
    """The environment that makes a new process read these very settings."""
    given = {}
    for name, value in asdict(settings).items():
        text = ",".join(value) if isinstance(value, tuple) else str(value)
        if text:
            given[name.upper()] = text
    return dict(os.environ) | given


if __name__ == "__main__":
    main()
