"""Whether the time of an answer tells that an account exists: a statistical test of the public doors that take a name.

**Method.** Two groups of names, people's and made-up ones, are sent to one door in random order, interleaved, so that
whatever else the machine does falls on both alike. Times are compared by the difference of the medians (robust against
the pauses of two Java engines on the same cores). How large a difference chance makes is not assumed but made: the
same times are dealt to the two groups at random, PERMUTATIONS times, and the observed difference is compared with
those. The share of deals that differ at least as much is the p-value; it needs no distribution and no library.

**Threshold.** A door fails when the difference is larger than in all but 1 of 1000 deals (ALPHA), in two samples in a
row. Under "no difference" that happens once in a million runs, so a failure is a finding; asking for two costs hardly
any power, for a leak is there in both. The smallest difference the test can see is printed with each result, as the
ALPHA quantile of the deals ("noise"): it grows with what else the machine does, and so does a guesser's. A guesser sees
less: there is a network between, and an address has some hundred failures in a quarter of an hour, while here each
group alone has SAMPLES.

**Proof that it sees.** The same test must fail with the decoy taken out, which is the fault it is there for.
"""

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

import pytest

from app.services import accounts as account_service
from app.services.accounts import NewAccount, names, passwords
from app.utils.clock import utc_now
from app.utils.ids import new_id

log = logging.getLogger(__name__)

PASSWORD = "correct horse battery"
PEOPLE = 40
TIMES_EACH = 4
SAMPLES = PEOPLE * TIMES_EACH
PERMUTATIONS = 4000
ALPHA = 0.001
SEED = 7


@dataclass(frozen=True)
class Comparison:
    """Seconds: how much longer people's names take in the median, and how much chance makes of it."""

    door: str
    difference: float
    noise: float
    p: float
    typical: float

    def __str__(self) -> str:
        return (
            f"{self.door}: median {self.typical * 1000:.2f} ms, difference {self.difference * 1000:+.3f} ms, "
            f"noise {self.noise * 1000:.3f} ms, p = {self.p:.4f}"
        )


def compare(door: str, known: list[float], unknown: list[float], chance: random.Random) -> Comparison:
    """A permutation test of the difference of medians."""
    observed = median(known) - median(unknown)
    together = known + unknown
    made = []
    for _ in range(PERMUTATIONS):
        chance.shuffle(together)
        made.append(abs(median(together[: len(known)]) - median(together[len(known) :])))
    made.sort()
    p = (1 + sum(difference >= abs(observed) for difference in made)) / (1 + PERMUTATIONS)
    return Comparison(door, observed, made[int(PERMUTATIONS * (1 - ALPHA))], p, median(together))


@pytest.fixture
def ask(app):
    """Times one request of a new visitor, from an address of its own."""
    client = app.test_client(use_cookies=False)

    def timed(path: str, body: dict[str, Any], status: int) -> float:
        origin = {"REMOTE_ADDR": f"10.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(1, 255)}"}
        begun = time.perf_counter()
        answer = client.post(path, json=body, environ_base=origin)
        seconds = time.perf_counter() - begun
        assert answer.status_code == status, answer.text
        return seconds

    return timed


DOORS: dict[str, tuple[str, Callable[[str], dict[str, Any]], int]] = {
    "login": ("/api/auth/login", lambda name: {"email": name, "password": "not the password"}, 401),
    "code": ("/api/auth/get-otp", lambda name: {"identifier": name, "purpose": "login"}, 202),
    "reset": ("/api/auth/password/reset", lambda name: {"email": name}, 202),
    "passkey": ("/api/auth/login/passkey/options", lambda name: {"username": name}, 200),
}


@pytest.fixture
def sample(ask, settings):
    """One comparison of a door, with names of its own, each asked for TIMES_EACH times at most."""
    chance = random.Random(SEED)

    def taken(door: str) -> Comparison:
        path, body, status = DOORS[door]
        people = [f"person-{new_id()}@example.com".lower() for _ in range(PEOPLE)]
        nobody = [f"person-{new_id()}@example.com".lower() for _ in range(PEOPLE)]
        for email in people:
            account_service.register(NewAccount(email, PASSWORD), now=utc_now(), settings=settings)
        for _ in range(10):  # whatever is made at first use is made
            ask(path, body(f"person-{new_id()}@example.com".lower()), status)
        times: dict[bool, list[float]] = {True: [], False: []}
        asked = [(True, name) for name in people * TIMES_EACH] + [(False, name) for name in nobody * TIMES_EACH]
        chance.shuffle(asked)
        for is_known, name in asked:
            times[is_known].append(ask(path, body(name), status))
        return compare(door, times[True], times[False], chance)

    return taken


def differs(sample: Callable[[str], Comparison], door: str) -> bool:
    """Whether the door's time tells, in two samples in a row."""
    for _ in range(2):
        comparison = sample(door)
        log.warning("%s", comparison)
        if comparison.p > ALPHA:
            return False
    return True


@pytest.mark.parametrize("door", DOORS)
def test_the_time_of_an_answer_does_not_tell_whether_there_is_an_account(sample, door):
    assert not differs(sample, door)


def test_the_test_sees_a_login_that_does_no_work_for_unknown_names(sample, monkeypatch):
    verify = passwords.verify_password

    def without_decoy(password: str, password_hash: str | None, settings: Any, **options: Any) -> bool:
        return verify(password, password_hash, settings, **options) if password_hash else False

    monkeypatch.setattr(passwords, "verify_password", without_decoy)
    assert differs(sample, "login")


def test_the_test_sees_a_reset_that_does_no_work_for_unknown_names(sample, monkeypatch):
    reset = account_service.request_reset

    def for_people_only(identifier: str, **options: Any) -> None:
        if names.find_holder(identifier):
            reset(identifier, **options)

    monkeypatch.setattr(account_service, "request_reset", for_people_only)
    assert differs(sample, "reset")


def test_the_comparison_finds_what_is_there_and_nothing_else():
    chance = random.Random(SEED)

    def times(shift: float) -> list[float]:
        # long-tailed, as times are: 20 ms and now and then a pause
        return [0.020 + shift + chance.expovariate(1 / 0.002) + (chance.random() < 0.05) * 0.1 for _ in range(SAMPLES)]

    assert compare("shifted", times(0.002), times(0), chance).p <= ALPHA
    found = sum(compare("same", times(0), times(0), chance).p <= 0.05 for _ in range(20))
    assert found <= 5
    assert compare("equal", [0.02] * 10, [0.02] * 10, chance).p == 1.0
