"""What people are told: the mails' texts, the channels, and what the clock brings."""

from dataclasses import dataclass, field
from datetime import timedelta
from zlib import crc32

import pytest

from app.plugins import mail, system_message_center
from app.plugins.apscheduler.lease import Lease
from app.plugins.mail import MailDelivery, OutgoingMail
from app.plugins.mail.tables import SHARDS
from app.plugins.sandbox import sandbox
from app.plugins.system_message_center import Recipient, SystemMessage
from app.services import message_jobs, messages
from app.services.accounts import NewAccount, register
from app.services.orders import ending
from app.utils.ids import new_id
from tests.purchases import EXPIRED, NOW, make_goods, pay, place
from tests.times import at


@pytest.fixture(scope="module", autouse=True)
def market(app, stores):
    """The application with its message centre, and the sandbox as the way to pay."""
    sandbox.configure(stores)


@pytest.fixture
def fence(stores):
    lease = Lease("test", 30, name=f"test-{new_id()}")
    return lease.beat()


def mail_of(key):
    waiting = OutgoingMail.find(crc32(key.encode()) % SHARDS, key)
    return mail.opened(waiting) if waiting is not None else None


def test_a_paid_order_brings_one_receipt_with_its_lines():
    lamp, vase = make_goods(price="19.99"), make_goods(price="5.00", title="Vase <b>& more")
    order = pay(place(lamp.wanted(2), vase.wanted()))
    receipt = mail_of(f"order_paid/{order.id}")
    assert (receipt.recipient, receipt.subject) == (order.email, "Thank you for your order")
    for text in ("39.98 USD", "2 x 19.99 USD", "44.98 USD", order.id, "Vase <b>& more", "2 March 2026, 10:00 UTC"):
        assert text in receipt.text
    assert "Vase &lt;b&gt;&amp; more" in receipt.html
    assert "Vase <b>" not in receipt.html
    assert f"/order?id={order.id}" in receipt.html
    messages.order_paid(order)
    send_all(NOW)
    messages.order_paid(order)
    send_all(NOW)
    delivery = MailDelivery.find(f"order_paid/{order.id}")
    assert (delivery.state, delivery.attempts) == ("sent", 1)


def test_an_expired_order_is_told_of():
    order = ending.expire_order(place(make_goods().wanted()).order, EXPIRED)
    assert order.status == "expired"
    told = mail_of(f"order_expired/{order.id}")
    assert "2 March 2026, 10:30 UTC" in told.text and "Nothing was charged" in told.text


def test_a_seller_hears_of_their_own_lines_only():
    lamp, vase = make_goods(title="Lamp of one"), make_goods(title="Vase of another")
    order = pay(place(lamp.wanted(), vase.wanted()))
    seller_id = next(line.seller_id for line in order.order_lines if line.title == "Lamp of one")
    messages.seller_order_new(order, seller_id=seller_id, email="s@example.com", user_id=new_id(), now=NOW)
    told = mail_of(f"seller_order_new/{order.id}/{seller_id}")
    assert told.subject == "New order: Lamp of one"
    assert "Lamp of one" in told.html and "Vase of another" not in told.html


def test_a_refund_and_a_welcome_are_told_of():
    order = pay(place(make_goods(price="20.00").wanted()))
    refund_id, user_id = new_id(), new_id()
    messages.order_refunded(order, refund_id, 550, NOW)
    assert mail_of(f"order_refunded/{refund_id}").subject == "5.50 USD is on its way back to you"
    messages.welcome(user_id=user_id, email="n@example.com", username="newbie", first_name="Zoë", now=NOW)
    assert "Welcome, Zoë!" in mail_of(f"welcome/{user_id}").text


def test_every_mail_has_a_text_and_a_dark_mode():
    folder = system_message_center.rendering.TEMPLATES / "email"
    events = {file.stem for file in folder.glob("*.html")} - {"layout", "parts"}
    assert events == {file.stem for file in folder.glob("*.txt")}
    user_id = new_id()
    messages.welcome(user_id=user_id, email="n@example.com", username="n", first_name="", now=NOW)
    html = mail_of(f"welcome/{user_id}").html
    assert "prefers-color-scheme: dark" in html and '<meta name="color-scheme" content="light dark">' in html


def test_a_message_never_raises_and_the_other_channels_still_have_it(caplog):
    heard = []
    system_message_center.register("test-heard", heard.append)
    message = SystemMessage("no_such_event", f"test/{new_id()}", Recipient("a@example.com"), "x", NOW)
    results = system_message_center.deliver(message, "mail", "socket", "no-such-channel", "test-heard")
    assert results == {"mail": False, "socket": False, "no-such-channel": False, "test-heard": True}
    assert heard == [message]
    messages.welcome(user_id="x", email="no address", username="x", first_name="x", now=NOW)
    messages.order_paid(None)


def send_all(now):
    """Every mail that is due is sent, those of earlier tests included."""
    while mail.drain(now).done:
        pass


def test_a_reminder_goes_once_to_who_has_ten_minutes_left(fence, refresh_index):
    early, late = (
        place(make_goods().wanted()).order,
        place(make_goods().wanted(), now=NOW + timedelta(minutes=25)).order,
    )
    refresh_index()
    message_jobs.remind_of_unpaid_orders(fence, EXPIRED - timedelta(minutes=11))
    assert mail_of(f"order_reminder/{early.id}") is None
    message_jobs.remind_of_unpaid_orders(fence, EXPIRED - timedelta(minutes=10))
    assert "2 March 2026, 10:30 UTC" in mail_of(f"order_reminder/{early.id}").text
    assert mail_of(f"order_reminder/{late.id}") is None
    send_all(EXPIRED)
    message_jobs.remind_of_unpaid_orders(fence, EXPIRED - timedelta(minutes=9))
    send_all(EXPIRED)
    assert MailDelivery.find(f"order_reminder/{early.id}").attempts == 1


def test_a_digest_tells_each_seller_of_their_day_once(fence, refresh_index, stores):
    day = at("2026-04-10T12:00:00")
    owner = register(NewAccount(f"{new_id().lower()}@example.com", "long enough 26"), now=NOW, settings=stores)
    lamp = make_goods(title="Digest lamp", price="10.00", owner_id=owner.id)
    course = make_goods("course", title="Digest course", price="25.00", owner_id=owner.id)
    for wanted in ([lamp.wanted(2)], [lamp.wanted(), course.wanted()]):
        order = pay(place(*wanted, now=day), day)
    pay(place(lamp.wanted(5), now=day + timedelta(hours=12)), day + timedelta(hours=12))  # the next day
    refresh_index()
    message_jobs.send_seller_digests(fence, at("2026-04-11T07:00:00"))
    by_title = {line.title: line for line in order.order_lines}
    shop = by_title["Digest lamp"]
    told = mail_of(f"seller_digest/{shop.seller_id}/2026-04-10")
    assert (told.recipient, told.subject) == (owner.email, f"{shop.seller_name}: 2 paid orders")
    for text in ("Friday, 10 April", "2 paid orders, 3 items sold", "Digest lamp: 3", "Turnover: 30.00 USD"):
        assert text in told.text
    assert "25.00 USD" in mail_of(f"seller_digest/{by_title['Digest course'].seller_id}/2026-04-10").text
    assert fence.recall(message_jobs.DIGEST_JOB) == {"told_until": "2026-04-10"}
    send_all(at("2026-04-11T07:00:00"))
    message_jobs.send_seller_digests(fence, at("2026-04-11T07:00:00"))
    assert mail_of(f"seller_digest/{shop.seller_id}/2026-04-10") is None  # sent, and not queued again


@dataclass
class Days:
    told_until: str | None
    expected: list[str] = field(default_factory=list)


@pytest.mark.parametrize(
    "case",
    [
        Days(None, ["2026-04-10"]),
        Days("2026-04-10", []),
        Days("2026-04-09", ["2026-04-10"]),
        Days("2026-04-08", ["2026-04-09", "2026-04-10"]),
        Days("2026-01-01", [f"2026-04-{day:02d}" for day in range(4, 11)]),
    ],
)
def test_days_that_were_missed_are_made_up(case):
    days = message_jobs.days_to_tell(case.told_until, at("2026-04-11T07:00:00"))
    assert [day.isoformat() for day in days] == case.expected
