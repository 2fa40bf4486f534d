"""Texts by Twilio's API, spoken to a local server that looks at every request; and into files."""

import base64
import json
import socket
import threading
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from app.env import SettingsError, load_settings
from app.plugins.sms import (
    OutgoingSms,
    SmsDelivery,
    SmsFault,
    SmsRefused,
    SmsUnreachable,
    opened,
    provider_of,
    queue,
    waiting_for,
)
from app.plugins.sms.outbox import drain
from app.utils.ids import new_id

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
ACCOUNT, SECRET = "AC" + "1" * 32, "twilio-auth-secret"
TEXT = "271828 is your code"


@dataclass
class Twilio:
    """What the provider was asked; `status` and `body` are what it says, after a pause."""

    asked: list[dict] = field(default_factory=list)
    status: int = 201
    body: str = json.dumps({"sid": "SM" + "2" * 32, "status": "queued"})
    pause_seconds: float = 0.0

    def texts_to(self, number):
        return [asked["form"]["Body"] for asked in self.asked if asked["form"]["To"] == [number]]


@pytest.fixture
def twilio():
    return Twilio()


@pytest.fixture
def served(twilio):
    """The provider listens; returns its address."""

    class Door(BaseHTTPRequestHandler):
        def do_POST(self):
            content = self.rfile.read(int(self.headers["Content-Length"])).decode()
            twilio.asked.append({"path": self.path, "headers": dict(self.headers), "form": parse_qs(content)})
            time.sleep(twilio.pause_seconds)
            self.send_response(twilio.status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(twilio.body.encode())

        def log_message(self, *_):
            """Nothing on the test's output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def provider(stores, served):
    return provider_of(twilio_settings(stores, served))


def twilio_settings(settings, url, **more):
    values = {"sms_provider": "twilio", "twilio_url": url, "twilio_account_sid": ACCOUNT, "twilio_auth_token": SECRET}
    return replace(settings, **values | {"twilio_sender": "+14155550100", "sms_timeout_seconds": 0.5} | more)


def fresh_number():
    return f"+1415{int(new_id()[-6:], 36) % 8_000_000 + 2_000_000:07d}"


def queue_one(**values):
    key, number = f"test/{new_id()}", fresh_number()
    queue(key, recipient=number, **({"text": TEXT, "now": NOW} | values))
    return key, number


def test_a_text_is_asked_for_as_the_api_wants_it(provider, twilio):
    number = fresh_number()
    assert provider.send(number, "Grüße ✓", key="k") == "SM" + "2" * 32
    (asked,) = twilio.asked
    assert asked["path"] == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    assert asked["form"] == {"To": [number], "From": ["+14155550100"], "Body": ["Grüße ✓"]}
    kind, _, secret = asked["headers"]["Authorization"].partition(" ")
    assert (kind, base64.b64decode(secret).decode()) == ("Basic", f"{ACCOUNT}:{SECRET}")
    assert asked["headers"]["Content-Type"] == "application/x-www-form-urlencoded"


def test_a_messaging_service_may_send_in_the_place_of_a_number(stores, served, twilio):
    service = "MG" + "3" * 32
    provider_of(twilio_settings(stores, served, twilio_sender=service)).send(fresh_number(), "x", key="k")
    assert twilio.asked[0]["form"]["MessagingServiceSid"] == [service]
    assert "From" not in twilio.asked[0]["form"]


@pytest.mark.parametrize(
    ("status", "body", "fault", "reason"),
    [
        (400, {"code": 21211, "message": "The 'To' number +1415 is not valid"}, SmsRefused, "HTTP 400, code 21211"),
        (400, {"code": 21610, "message": "unsubscribed"}, SmsRefused, "HTTP 400, code 21610"),
        (404, {"code": 20404}, SmsRefused, "HTTP 404, code 20404"),
        (401, {"code": 20003, "message": "Authenticate"}, SmsFault, "HTTP 401, code 20003"),
        (403, {"code": 20005}, SmsFault, "HTTP 403, code 20005"),
        (429, {"code": 20429}, SmsFault, "HTTP 429, code 20429"),
        (500, "no json", SmsFault, "HTTP 500, code unknown"),
        (503, [], SmsFault, "HTTP 503, code unknown"),
        (201, "no json", SmsFault, "HTTP 201, code unknown"),
        (302, {}, SmsFault, "HTTP 302, code unknown"),
    ],
)
def test_what_each_answer_means(provider, twilio, status, body, fault, reason):
    twilio.status, twilio.body = status, body if isinstance(body, str) else json.dumps(body)
    with pytest.raises(SmsFault) as raised:
        provider.send(fresh_number(), "x", key="k")
    assert (type(raised.value), str(raised.value)) == (fault, reason)


def test_a_provider_that_hangs_costs_the_time_out(provider, twilio):
    twilio.pause_seconds = 3
    started = time.monotonic()
    with pytest.raises(SmsUnreachable):
        provider.send(fresh_number(), "x", key="k")
    assert time.monotonic() - started < 2


def test_a_provider_down_then_up_has_the_text_once(stores, provider, twilio):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    drain(provider, NOW)  # what other tests left
    key, number = queue_one()
    drain(provider_of(twilio_settings(stores, f"http://127.0.0.1:{port}")), NOW)
    delivery = SmsDelivery.find(key)
    assert (delivery.state, delivery.attempts, delivery.last_error) == ("waiting", 1, "SmsUnreachable: ConnectError")
    for later in (4, 5, 6):
        drain(provider, NOW + timedelta(seconds=later))
    assert twilio.texts_to(number) == [[TEXT]]


def test_a_text_is_sent_once_however_often_it_is_queued_and_leaves_no_trace_of_its_words(provider, twilio):
    key, number = queue_one()
    for later in (0, 1, 2):
        drain(provider, NOW + timedelta(seconds=later))
        queue(key, recipient=number, text="again", now=NOW)
    drain(provider, NOW + timedelta(seconds=3))
    assert twilio.texts_to(number) == [[TEXT]]
    delivery = SmsDelivery.find(key)
    assert (delivery.state, delivery.provider_ref) == ("sent", "SM" + "2" * 32)
    assert number not in str(dict(delivery)) and "271828" not in str(dict(delivery))


def test_the_words_of_a_text_that_waits_lie_sealed(stores):
    key, number = queue_one()
    (waiting,) = waiting_for(number)
    assert waiting.sms_key == key and "271828" not in str(dict(waiting))
    assert opened(waiting).text == TEXT


def test_later_is_tried_again_and_never_is_not(provider, twilio):
    twilio.status, twilio.body = 503, "{}"
    key, number = queue_one()
    drain(provider, NOW)
    assert SmsDelivery.find(key).state == "waiting"
    twilio.status, twilio.body = 400, json.dumps({"code": 21211})
    drain(provider, NOW + timedelta(seconds=5))
    assert (SmsDelivery.find(key).state, SmsDelivery.find(key).attempts) == ("refused", 2)
    drain(provider, NOW + timedelta(hours=1))
    assert len(twilio.texts_to(number)) == 2


def test_a_text_that_came_too_late_is_dropped_unsent(provider, twilio):
    key, number = queue_one(expires_at=NOW + timedelta(minutes=5))
    twilio.status, twilio.body = 503, "{}"
    drain(provider, NOW)
    twilio.status = 201
    drain(provider, NOW + timedelta(minutes=5))
    assert len(twilio.texts_to(number)) == 1
    assert not [row for shard in range(4) for row in OutgoingSms.objects(shard=shard) if row.sms_key == key]


@pytest.mark.parametrize("number", ["", "4155550100", "+0155", "+1415555010x", "+1\n4155550100", "a@example.com"])
def test_a_recipient_that_is_no_number_is_refused_at_once(stores, number):
    with pytest.raises(ValueError, match="no phone number"):
        queue(f"test/{new_id()}", recipient=number, text="x", now=NOW)


def test_numbers_and_texts_are_in_no_log(provider, twilio, capfd, caplog):
    _, number = queue_one()
    twilio.status, twilio.body = 400, json.dumps({"code": 21211, "message": f"{number} is not valid: {TEXT}"})
    drain(provider, NOW)
    logged = "".join(capfd.readouterr()) + caplog.text
    assert number not in logged and "271828" not in logged and SECRET not in logged


def test_without_a_provider_texts_are_files(stores, tmp_path):
    provider = provider_of(replace(stores, data_folder=tmp_path))
    key, number = queue_one()
    drain(provider, NOW)
    files = [file.read_text() for file in (tmp_path / "sms").glob("*.txt")]
    assert f"To: {number}\n\n{TEXT}\n" in files
    assert SmsDelivery.find(key).state == "sent"


def test_settings_say_what_a_provider_needs():
    with pytest.raises(SettingsError) as fault:
        load_settings({"PROFILE": "test", "SMS_PROVIDER": "twilio", "TWILIO_SENDER": "+14155550100"})
    assert "TWILIO_ACCOUNT_SID is needed" in str(fault.value) and "TWILIO_AUTH_TOKEN is needed" in str(fault.value)
    assert "TWILIO_SENDER" not in str(fault.value)
    with pytest.raises(SettingsError, match="SMS_PROVIDER"):
        load_settings({"PROFILE": "test", "SMS_PROVIDER": "pigeon"})
