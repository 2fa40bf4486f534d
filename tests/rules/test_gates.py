"""A gate lets a few through at once, some wait, and the rest is turned away."""

import threading
from dataclasses import replace

import pytest

from app.env import Settings
from app.services.accounts import passwords
from app.utils.gates import Gate, GateFull


def test_two_pass_two_wait_and_the_fifth_is_turned_away():
    gate, go_on = Gate(2, 2), threading.Event()
    within, most = [], []
    lock = threading.Lock()

    def stay():
        with gate.passing():
            with lock:
                within.append(1)
                most.append(len(within))
            go_on.wait(5)
            with lock:
                within.pop()

    threads = [threading.Thread(target=stay) for _ in range(4)]
    for thread in threads:
        thread.start()
    while gate._places._value:  # until all four stand at the gate
        threading.Event().wait(0.01)
    with pytest.raises(GateFull), gate.passing():
        pass
    go_on.set()
    for thread in threads:
        thread.join(5)
    assert max(most) == 2
    with gate.passing():
        assert gate._places._value == 3


def test_a_fault_within_leaves_the_gate_open():
    gate = Gate(1, 0)
    for _ in range(3):
        with pytest.raises(KeyError), gate.passing():
            raise KeyError
    with gate.passing(), pytest.raises(GateFull), gate.passing():
        pass


def test_a_login_beyond_the_line_is_told_to_come_back():
    settings = replace(Settings(), argon2_at_once=1, argon2_waiting=0)
    with (
        passwords._gate(1, 0, False).passing(),
        pytest.raises(passwords.Busy) as refusal,
    ):
        passwords.verify_password("correct horse battery", None, settings)
    assert (refusal.value.status, refusal.value.details) == (503, {"retry_after_seconds": 1})
    assert not passwords.verify_password("correct horse battery", None, settings)
