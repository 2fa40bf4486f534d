"""Mails over a real SMTP socket, and into files."""

import asyncio
import smtplib
import socket
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default as modern
from threading import Barrier, Thread
from zlib import crc32

import pytest
from aiosmtpd.controller import Controller
from flask import Flask

from app.plugins.cassandra_cqlengine import store
from app.plugins.mail import MailDelivery, Message, OutgoingMail, forget, is_waiting, mails_to, opened, queue
from app.plugins.mail.outbox import drain, is_final
from app.plugins.mail.transport import OwnMail
from app.plugins.sending_queue import SHARDS, configure
from app.utils.ids import new_id

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Postbox:
    """What the mail server took; `answer` is what it says after the content."""

    def __init__(self):
        self.taken = []
        self.answer = "250 Taken"
        self.recipient_answer = "250 Yes"
        self.pause_seconds = 0.0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.recipient_answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient_answer

    async def handle_DATA(self, server, session, envelope):
        await asyncio.sleep(self.pause_seconds)
        if self.answer.startswith("250"):
            self.taken.append((envelope, message_from_bytes(envelope.content, policy=modern)))
        return self.answer

    def to(self, recipient):
        return [message for envelope, message in self.taken if envelope.rcpt_tos == [recipient]]


@pytest.fixture
def postbox():
    return Postbox()


@pytest.fixture
def mail_app(stores):
    """An application whose mail server's port is free until `serve` is used."""
    app = Flask("mail-test")
    app.config["SETTINGS"] = replace(stores, mail_server="127.0.0.1", mail_port=free_port(), mail_timeout_seconds=0.5)
    app.own_mail = OwnMail()
    app.own_mail.init_app(app)
    with app.app_context():
        yield app


@pytest.fixture
def empty_queue(stores):
    """What other tests left is written to files."""
    app, own_mail = Flask("mail-to-files"), OwnMail()
    app.config["SETTINGS"] = replace(stores, mail_server="")
    own_mail.init_app(app)
    with app.app_context():
        drain(own_mail, NOW)


@pytest.fixture
def serve(mail_app, postbox):
    """Call it: the mail server listens from now on."""
    running = []

    def start():
        server = Controller(postbox, hostname="127.0.0.1", port=mail_app.config["MAIL_PORT"])
        server.start()
        running.append(server)

    yield start
    for server in running:
        server.stop()


def queue_one(**values):
    key, recipient = f"test/{new_id()}", f"{new_id().lower()}@example.com"
    given = {"subject": "Grüße", "text": "plain ✓", "html": "<p>rich ✓</p>", "now": NOW}
    queue(key, recipient=recipient, **(given | values))
    return key, recipient


def test_a_message_is_sent_now_with_both_bodies(mail_app, serve, postbox):
    serve()
    message = Message("Your order — paid", recipients=["a@example.com"], body="plain ✓")
    message.html = "<p>rich ✓</p>"
    mail_app.own_mail.send(message)
    (received,) = postbox.to("a@example.com")
    assert received["Subject"] == "Your order — paid"
    assert received.get_body(("plain",)).get_content().strip() == "plain ✓"
    assert received.get_body(("html",)).get_content().strip() == "<p>rich ✓</p>"
    assert received["From"] == "Marketplace <no-reply@localhost>"


def test_sending_now_raises_when_nobody_listens(mail_app):
    with pytest.raises(OSError):
        mail_app.own_mail.send(Message("x", recipients=["a@example.com"], body="x"))


@pytest.mark.usefixtures("empty_queue")
def test_server_down_then_up_the_mail_is_delivered_once(mail_app, serve, postbox):
    key, recipient = queue_one()
    drain(mail_app.own_mail, NOW)
    delivery = MailDelivery.find(key)
    assert (delivery.state, delivery.attempts) == ("waiting", 1)
    assert "ConnectionRefusedError" in delivery.last_error
    serve()
    drain(mail_app.own_mail, NOW + timedelta(seconds=4))
    assert postbox.to(recipient) == []  # not due yet
    for later in (5, 6, 7):
        drain(mail_app.own_mail, NOW + timedelta(seconds=later))
    (received,) = postbox.to(recipient)
    assert received["Message-ID"] == MailDelivery.find(key).message_id
    assert MailDelivery.find(key).state == "sent"


def test_the_same_key_queued_again_is_not_sent_again(mail_app, serve, postbox):
    serve()
    key, recipient = queue_one()
    queue(key, recipient=recipient, subject="again", text="again", now=NOW)
    drain(mail_app.own_mail, NOW)
    queue(key, recipient=recipient, subject="a third time", text="x", now=NOW)
    drain(mail_app.own_mail, NOW + timedelta(hours=1))
    assert len(postbox.to(recipient)) == 1


def test_of_six_senders_one_sends(mail_app, serve, postbox):
    serve()
    _, recipient = queue_one()
    start = Barrier(6)

    def send():
        with mail_app.app_context():
            start.wait()
            drain(mail_app.own_mail, NOW)

    threads = [Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(postbox.to(recipient)) == 1


def test_a_server_that_says_later_is_asked_again_and_one_that_says_never_is_not(mail_app, serve, postbox):
    serve()
    postbox.answer = "451 Try again later"
    later_key, later = queue_one()
    drain(mail_app.own_mail, NOW)
    assert MailDelivery.find(later_key).state == "waiting"
    postbox.answer = "250 Taken"
    drain(mail_app.own_mail, NOW + timedelta(seconds=5))
    assert len(postbox.to(later)) == 1
    postbox.recipient_answer = "550 No such person"
    never_key, never = queue_one()
    drain(mail_app.own_mail, NOW)
    assert (MailDelivery.find(never_key).state, postbox.to(never)) == ("refused", [])


def test_a_server_that_hangs_costs_the_time_out_and_the_mail_is_kept(mail_app, serve, postbox):
    serve()
    postbox.pause_seconds = 3
    key, _ = queue_one()
    started = time.monotonic()
    drain(mail_app.own_mail, NOW)
    assert time.monotonic() - started < 2.5
    assert MailDelivery.find(key).state == "waiting"


def test_a_sender_that_died_in_the_middle_is_followed_by_another_after_a_while(mail_app, serve, postbox):
    serve()
    key, recipient = queue_one()
    MailDelivery.create_if_absent(
        mail_key=key,
        state="sending",
        recipient=recipient,
        subject="x",
        message_id="<x@localhost>",
        due_at=NOW + timedelta(seconds=3),
    )
    drain(mail_app.own_mail, NOW)
    assert postbox.to(recipient) == []
    drain(mail_app.own_mail, NOW + timedelta(seconds=3))
    assert len(postbox.to(recipient)) == 1


def test_many_mails_that_wait_do_not_keep_a_new_one_from_going(mail_app, serve, postbox):
    serve()
    postbox.answer = "451 Try again later"
    waiting = [queue_one()[0] for _ in range(8)]
    drain(mail_app.own_mail, NOW)
    postbox.answer = "250 Taken"
    _, recipient = queue_one()
    drain(mail_app.own_mail, NOW)
    assert len(postbox.to(recipient)) == 1
    assert {MailDelivery.find(key).attempts for key in waiting} == {1}


@pytest.mark.parametrize("recipient", ["", "nobody", "a@example.com\r\nBcc: b@example.com"])
def test_a_recipient_that_is_no_address_is_refused_at_once(stores, recipient):
    with pytest.raises(ValueError, match="no mail address"):
        queue(f"test/{new_id()}", recipient=recipient, subject="x", text="x", now=NOW)


def test_line_breaks_cannot_enter_the_header(mail_app, serve, postbox):
    serve()
    _, recipient = queue_one(subject="Hello\r\nBcc: b@example.com")
    drain(mail_app.own_mail, NOW)
    (received,) = postbox.to(recipient)
    assert (received["Subject"], received["Bcc"]) == ("Hello Bcc: b@example.com", None)


def test_without_a_mail_server_mails_are_files(stores, tmp_path):
    app = Flask("file-mail-test")
    app.config["SETTINGS"] = replace(stores, mail_server="", data_folder=tmp_path)
    own_mail = OwnMail()
    own_mail.init_app(app)
    key, recipient = queue_one()
    with app.app_context():
        drain(own_mail, NOW)
    files = [message_from_bytes(file.read_bytes(), policy=modern) for file in (tmp_path / "mail").glob("*.eml")]
    (received,) = [message for message in files if message["To"] == recipient]
    assert received["Subject"] == "Grüße"
    assert MailDelivery.find(key).state == "sent"


@pytest.mark.parametrize(
    ("fault", "final"),
    [
        (smtplib.SMTPDataError(554, b"spam"), True),
        (smtplib.SMTPDataError(452, b"full"), False),
        (smtplib.SMTPSenderRefused(550, b"no", "a@b"), True),
        (smtplib.SMTPRecipientsRefused({"a@b": (550, b"no")}), True),
        (smtplib.SMTPRecipientsRefused({"a@b": (450, b"grey")}), False),
        (smtplib.SMTPAuthenticationError(535, b"no"), False),
        (smtplib.SMTPServerDisconnected("bye"), False),
        (TimeoutError(), False),
    ],
)
def test_which_faults_are_final(fault, final):
    assert is_final(fault) is final


def test_the_mails_to_an_address_are_listed_and_forgotten(app, tmp_path):
    recipient, folder = f"{new_id()}@example.com".lower(), tmp_path / "mail"
    keys = [f"test/{new_id()}" for _ in range(2)]
    for number, key in enumerate(keys):
        queue(key, recipient=recipient, subject=f"Subject {number}", text="Hello", now=NOW)
    delivery, _ = MailDelivery.create_if_absent(
        mail_key=keys[0],
        state="sent",
        recipient=recipient,
        subject="Subject 0",
        message_id=f"<{new_id()}@localhost>",
        due_at=NOW,
        sent_at=NOW,
    )
    file = folder / f"{delivery.message_id.strip('<>')}.eml"
    folder.mkdir()
    file.write_text("Hello")
    assert sorted((kept.subject, kept.state) for kept in mails_to(recipient)) == [
        ("Subject 0", "sent"),
        ("Subject 1", "waiting"),
    ]
    assert is_waiting(keys[1], NOW) and not is_waiting(keys[1], NOW + timedelta(days=1))
    assert forget(recipient, folder) == 2
    assert mails_to(recipient) == [] and not file.exists() and not is_waiting(keys[1], NOW)
    left = MailDelivery.find_serial(keys[0])
    assert (left.state, left.recipient, left.subject) == ("sent", "forgotten", "forgotten")
    assert forget(recipient, folder) == 0


# what waits is sealed


@pytest.fixture
def keys(stores):
    """Call it: the process's keys are these from now on, until the test ends."""
    yield lambda *keys: configure(replace(stores, encryption_keys=keys))
    configure(stores)


def place_of(key):
    return crc32(key.encode()) % SHARDS, key


def kept(key):
    """What the store itself holds of a waiting mail."""
    statement = "SELECT * FROM outgoing_mail WHERE shard = ? AND mail_key = ?"
    (row,) = store().execute(statement, list(place_of(key)))
    return row


def test_what_waits_is_sealed_in_the_store_and_sent_in_clear(mail_app, serve, postbox, empty_queue):
    serve()
    key, recipient = queue_one(text="Your code is 271828.", html="<a href='#token=pst'>Confirm</a>")
    row = kept(key)
    assert row["recipient"] == recipient and "271828" not in str(row) and "pst" not in str(row)
    assert opened(OutgoingMail.find(*place_of(key))).text == "Your code is 271828."
    drain(mail_app.own_mail, NOW)
    (message,) = postbox.to(recipient)
    assert message.get_body(("plain",)).get_content().strip() == "Your code is 271828."
    assert "#token=pst" in message.get_body(("html",)).get_content()


def test_a_text_without_a_rich_body_stays_without_one(mail_app, serve, postbox, empty_queue):
    serve()
    key, recipient = queue_one(html="")
    assert kept(key)["html"] == ""
    drain(mail_app.own_mail, NOW)
    assert postbox.to(recipient)[0].get_body(("html",)) is None


def test_a_row_from_before_texts_were_sealed_is_sent_as_it_stands(mail_app, serve, postbox, empty_queue):
    serve()
    key, recipient = f"test/{new_id()}", f"{new_id().lower()}@example.com"
    shard, _ = place_of(key)
    OutgoingMail.create(
        shard=shard, mail_key=key, recipient=recipient, subject="s", text="plain ✓", html="", queued_at=NOW, due_at=NOW
    )
    drain(mail_app.own_mail, NOW)
    assert postbox.to(recipient)[0].get_body(("plain",)).get_content().strip() == "plain ✓"


def test_a_changed_key_opens_what_waited_and_an_unknown_one_makes_it_wait(
    mail_app, serve, postbox, empty_queue, keys, stores
):
    serve()
    (old,), new = stores.encryption_keys, "n" * 32
    keys(new, old)
    fresh_key, fresh = queue_one()
    keys(old)  # a process that has not been started anew yet
    stale_key, stale = queue_one()
    drain(mail_app.own_mail, NOW)
    assert (len(postbox.to(stale)), len(postbox.to(fresh))) == (1, 0)
    delivery = MailDelivery.find(fresh_key)
    assert (delivery.state, delivery.last_error.partition(":")[0]) == ("waiting", "SealBroken")
    keys(new, old)
    drain(mail_app.own_mail, NOW + timedelta(seconds=5))
    assert (len(postbox.to(stale)), len(postbox.to(fresh))) == (1, 1)
    assert MailDelivery.find(stale_key).state == MailDelivery.find(fresh_key).state == "sent"
