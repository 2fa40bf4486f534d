"""A burst of 10,000 wrong logins from 660 addresses: slowed as the rules say, and other people log in and read on.

Other people are who has logged in with their browser before (the many), and newcomers, who stand in the same line as
the guessers and may be told to come back in a second. The server, both engines and the guessers share one machine's
cores here, so the times of other people grow with the load; they are bounded as a ratio to the quiet before.
"""

import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from statistics import median

import httpx
import pytest

from app.env import Settings
from app.services import accounts as account_service
from app.services.accounts import NewAccount, passwords
from app.utils.clock import utc_now
from app.utils.ids import new_id
from tests.faults.login_burst import FEW, FEW_ADDRESSES, ONE_ACCOUNT, SPRAYED, TRIES
from tests.faults.serving import TOP, Site, connected, made, own_stores, removed, served

log = logging.getLogger(__name__)

PASSWORD = "correct horse battery"
PEOPLE, NEWCOMERS = 8, 3
QUIET_SECONDS = 10.0
BURST_SECONDS = 240.0
LOGIN_EVERY_SECONDS = 2.5
READ_EVERY_SECONDS = 0.25
LOGIN_RATIO, READ_RATIO = 12.0, 25.0
LONGEST_SECONDS = 2.0
PATIENCE_SECONDS = 20.0


@pytest.fixture(scope="module")
def place(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Stores for this file alone, with the product's own limits and parameters of hashing."""
    defaults = Settings()
    own = replace(
        made(own_stores(settings, "burst", tmp_path_factory.mktemp("burst"))),
        trusted_proxies=1,
        rate_limit_enabled=True,
        login_failures_allowed_per_address=defaults.login_failures_allowed_per_address,
        argon2_memory_kib=defaults.argon2_memory_kib,
        argon2_iterations=defaults.argon2_iterations,
        argon2_parallelism=defaults.argon2_parallelism,
        web_threads=defaults.web_threads,
    )
    with connected(own):
        yield own
        removed(own)


class Person:
    """Somebody with an address of their own. `seconds`: how long each login and read took; `faults`: what failed."""

    def __init__(self, site: Site, number: int, email: str) -> None:
        self.email = email
        self.client = httpx.Client(
            base_url=site.address, timeout=60, headers={"X-Forwarded-For": f"172.16.{number // 250}.{number % 250}"}
        )
        self.logins: list[float] = []
        self.reads: list[float] = []
        self.put_off = 0
        self.faults: list[str] = []

    def forget(self) -> None:
        """The browser is a new one."""
        self.client.cookies.clear()

    def log_in(self) -> httpx.Response:
        token = self.client.get("/api/auth/csrf").json()["data"]["csrf_token"]
        body = {"email": self.email, "password": PASSWORD}
        begun = time.perf_counter()
        answer = self.client.post("/api/auth/login", json=body, headers={"X-CSRF-Token": token})
        if answer.status_code == 200:
            self.logins.append(time.perf_counter() - begun)
        return answer

    def read(self) -> None:
        begun = time.perf_counter()
        answer = self.client.get("/api/auth/me")
        self.reads.append(time.perf_counter() - begun)
        if answer.status_code != 200 or answer.json()["data"]["email"] != self.email:
            self.faults.append(f"read: {answer.status_code} {answer.text[:200]}")

    def come_and_go(self, stop: threading.Event) -> None:
        """Log in and read, again and again; no login may fail."""
        while not stop.is_set():
            answer = self.log_in()
            if answer.status_code != 200:
                self.faults.append(f"login: {answer.status_code} {answer.text[:200]}")
            next_login = time.monotonic() + LOGIN_EVERY_SECONDS
            while time.monotonic() < next_login and not stop.is_set():
                self.read()
                stop.wait(READ_EVERY_SECONDS)

    def arrive(self, stop: threading.Event) -> None:
        """Log in with a new browser, again and again; whoever is told to come back in a moment does."""
        while not stop.is_set():
            self.forget()
            end = time.monotonic() + PATIENCE_SECONDS
            while (answer := self.log_in()).status_code == 503 and time.monotonic() < end:
                self.put_off += 1
                time.sleep(1)
            if answer.status_code != 200:
                self.faults.append(f"newcomer: {answer.status_code} {answer.text[:200]}")
            stop.wait(LOGIN_EVERY_SECONDS * 2)


@contextmanager
def at_once(people: list[Person], newcomers: list[Person]) -> Iterator[None]:
    """All of them come and go inside the block."""
    stop = threading.Event()
    threads = [threading.Thread(target=person.come_and_go, args=(stop,)) for person in people]
    threads += [threading.Thread(target=person.arrive, args=(stop,)) for person in newcomers]
    for person in people + newcomers:
        person.logins, person.reads = [], []
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def register(settings: Settings, count: int) -> list[str]:
    emails = [f"person-{new_id()}@example.com".lower() for _ in range(count)]
    for email in emails:
        account_service.register(NewAccount(email, PASSWORD), now=utc_now(), settings=settings)
    return emails


def hashing(settings: Settings) -> tuple[float, float]:
    """Seconds of one password's check, and checks a second of one process with nothing else to do."""
    begun = time.perf_counter()
    for _ in range(10):
        passwords.verify_password("not the password", None, settings)
    alone = (time.perf_counter() - begun) / 10
    checks = 10
    threads = [
        threading.Thread(target=lambda: [passwords.verify_password("x" * 9, None, settings) for _ in range(checks)])
        for _ in range(settings.argon2_at_once)
    ]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return alone, checks * len(threads) / (time.perf_counter() - begun)


def times(people: list[Person]) -> tuple[list[float], list[float]]:
    return sorted(s for person in people for s in person.logins), sorted(s for person in people for s in person.reads)


def late(seconds: list[float]) -> float:
    """What 95 of 100 are below."""
    return seconds[int(len(seconds) * 0.95)]


def shown(name: str, logins: list[float], reads: list[float]) -> str:
    def of(seconds: list[float]) -> str:
        return f"median {median(seconds) * 1000:.0f} ms, 95 % {late(seconds) * 1000:.0f} ms"

    return f"{name}: {len(logins)} logins ({of(logins)}), {len(reads)} reads ({of(reads)})"


def test_a_burst_of_10_000_wrong_logins_is_slowed_and_disturbs_nobody_else(place: Settings):
    victim_email, *emails = register(place, 1 + PEOPLE + NEWCOMERS)
    alone, a_second = hashing(place)
    log.warning(
        "argon2id m=%d KiB t=%d p=%d: %.1f ms each, %.0f a second with %d at once",
        *(place.argon2_memory_kib, place.argon2_iterations, place.argon2_parallelism),
        *(alone * 1000, a_second, place.argon2_at_once),
    )
    with served(place) as site:
        everybody = [Person(site, number, email) for number, email in enumerate(emails)]
        people, newcomers = everybody[:PEOPLE], everybody[PEOPLE:]
        victim = Person(site, 500, victim_email)
        assert victim.log_in().status_code == 200
        with at_once(people, newcomers):
            time.sleep(QUIET_SECONDS)
        before = times(people)
        with at_once(people, newcomers):
            burst = send_burst(site, victim_email)
            assert victim.log_in().status_code == 200  # their own browser, in the middle of it
        during = times(people)
        elsewhere = Person(site, 501, victim_email)
        refused = elsewhere.log_in()
    log.warning("%s", shown("before", *before))
    log.warning("%s", shown("during", *during))
    arrivals = sorted(s for person in newcomers for s in person.logins)
    log.warning(
        "newcomers: %d logins, median %.0f ms, put off %d times",
        *(len(arrivals), median(arrivals) * 1000, sum(person.put_off for person in newcomers)),
    )
    looked_at = sum(count for kind in burst["answers"].values() for answer, count in kind.items() if "401" in answer)
    log.warning(
        "burst: %.0f s, %d passwords looked at (%.0f a second); %s",
        *(burst["seconds"], looked_at, looked_at / burst["seconds"], json.dumps(burst["answers"])),
    )
    assert_slowed(burst)
    assert [fault for person in everybody for fault in person.faults] == []
    assert refused.status_code == 429 and refused.json()["error"]["code"] == "too_many_attempts"
    for quiet, loud, ratio in zip(before, during, (LOGIN_RATIO, READ_RATIO), strict=True):
        assert median(loud) <= median(quiet) * ratio
        assert late(loud) <= max(late(quiet) * ratio, LONGEST_SECONDS)


def send_burst(site: Site, victim: str) -> dict:
    """What became of the burst. It goes on in a process of its own."""
    command = [sys.executable, "-m", "tests.faults.login_burst", str(site.settings.port), victim]
    ended = subprocess.run(command, cwd=TOP, capture_output=True, text=True, timeout=BURST_SECONDS)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def assert_slowed(burst: dict) -> None:
    """Every guess was answered in the one error shape, and the rules held for each kind of guesser."""
    defaults = Settings()
    assert burst["wrong"] == []
    answers: dict[str, dict[str, int]] = burst["answers"]
    assert {kind: sum(counts.values()) for kind, counts in answers.items()} == TRIES
    known = {"401 bad_credentials", "429 too_many_attempts", "429 rate_limited", "503 busy"}
    assert {answer for counts in answers.values() for answer in counts} <= known

    def looked_at(kind: str) -> int:
        return answers[kind].get("401 bad_credentials", 0)

    windows = int(burst["seconds"] // 60) + 2
    assert looked_at(ONE_ACCOUNT) <= defaults.login_failures_allowed
    through = looked_at(FEW_ADDRESSES) + answers[FEW_ADDRESSES].get("503 busy", 0)
    assert looked_at(FEW_ADDRESSES) <= through <= FEW * defaults.rate_limit_secrets_per_minute * windows
    assert looked_at(FEW_ADDRESSES) <= FEW * defaults.login_failures_allowed_per_address
    assert answers[SPRAYED].get("429 rate_limited", 0) == 0
