"""Ten thousand wrong logins from many addresses, sent by a process of its own so that it measures nobody else's time.

Run as a program: `python -m tests.faults.login_burst PORT VICTIM`. Three kinds of guessers at once, shuffled: many
addresses at one account, few addresses at many names, and many addresses at many names. A line of JSON out says, for
each kind, how often which answer came, and what was wrong with answers.
"""

import http.client
import json
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator

ONE_ACCOUNT, FEW_ADDRESSES, SPRAYED = "one account", "few addresses", "sprayed"
TRIES = {ONE_ACCOUNT: 5000, FEW_ADDRESSES: 3500, SPRAYED: 1500}
FEW = 10
THREADS = 40
SEED = 11


def guesses(victim: str) -> list[tuple[str, str, str]]:
    """Of each try the kind, the address and the name."""
    made = [(ONE_ACCOUNT, f"10.1.{n % 500 // 250}.{n % 250}", victim) for n in range(TRIES[ONE_ACCOUNT])]
    made += [(FEW_ADDRESSES, f"10.2.0.{n % FEW}", f"few-{n}@example.com") for n in range(TRIES[FEW_ADDRESSES])]
    made += [(SPRAYED, f"2001:db8:{n % 150:x}::{n:x}", f"spray-{n}@example.com") for n in range(TRIES[SPRAYED])]
    random.Random(SEED).shuffle(made)
    return made


class Guesser(threading.Thread):
    """One connection that sends what is left, one try after the other."""

    lock = threading.Lock()

    def __init__(self, port: int, left: Iterator[tuple[str, str, str]]) -> None:
        super().__init__(daemon=True)
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.left = left
        self.answers: Counter[tuple[str, str]] = Counter()
        self.wrong: list[str] = []

    def run(self) -> None:
        while True:
            with self.lock:
                guess = next(self.left, None)
            if guess is None:
                return
            try:
                self.send(*guess)
            except (OSError, http.client.HTTPException) as fault:
                self.wrong.append(repr(fault))
                self.connection.close()

    def send(self, kind: str, address: str, name: str) -> None:
        body = json.dumps({"email": name, "password": "a wrong password", "client": "mobile"})
        headers = {"Content-Type": "application/json", "X-Forwarded-For": address}
        self.connection.request("POST", "/api/auth/login", body, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        code = json.loads(text)["error"]["code"]
        self.answers[kind, f"{answer.status} {code}"] += 1
        if answer.status in (429, 503) and not int(answer.headers.get("Retry-After", "0")) > 0:
            self.wrong.append(f"{answer.status} without Retry-After")


def main(port: int, victim: str) -> None:
    left = iter(guesses(victim))
    guessers = [Guesser(port, left) for _ in range(THREADS)]
    begun = time.monotonic()
    for guesser in guessers:
        guesser.start()
    for guesser in guessers:
        guesser.join()
    seconds = time.monotonic() - begun
    answers: Counter[tuple[str, str]] = sum((guesser.answers for guesser in guessers), Counter())
    shown: dict[str, dict[str, int]] = {kind: {} for kind in TRIES}
    for (kind, answer), count in sorted(answers.items()):
        shown[kind][answer] = count
    wrong = [fault for guesser in guessers for fault in guesser.wrong]
    sys.stdout.write(json.dumps({"seconds": seconds, "answers": shown, "wrong": wrong[:20]}) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
