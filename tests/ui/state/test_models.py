"""Models and traces shared by all sessions: computed once, bounded in bytes, an error is not remembered."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Lock
from time import sleep

import pytest

from ui.state.models import DEFAULT_MODEL, Asked, get_model, get_trace, model_names
from ui.state.shared.once import Once

THREADS = 8


class Counted:
    """A function of a key that counts its calls; the first of them may fail."""

    def __init__(self, *, failures: int = 0) -> None:
        self.calls: list[str] = []
        self.failures = failures
        self.lock = Lock()

    def __call__(self, key: str) -> bytes:
        with self.lock:
            self.calls.append(key)
            fails = len(self.calls) <= self.failures
        if fails:
            raise ValueError(f"no value for {key}")
        return key.encode()


@pytest.fixture
def ask_together() -> Callable[..., list[object]]:
    """A function that asks for keys from as many threads at once and returns the values (or the errors)."""

    def ask(once: Once[str, bytes], *keys: str) -> list[object]:
        barrier = Barrier(len(keys))

        def one(key: str) -> object:
            barrier.wait(20)
            try:
                return once.get(key)
            except ValueError as error:
                return error

        with ThreadPoolExecutor(len(keys)) as pool:
            return list(pool.map(one, keys))

    return ask


def test_a_value_is_computed_once_however_many_ask(ask_together: Callable[..., list[object]]) -> None:
    compute = Counted()
    once = Once(compute, len, 100)
    values = ask_together(once, *["key"] * THREADS)
    assert compute.calls == ["key"]
    assert all(value is values[0] for value in values)
    assert once.get("key") is values[0]
    assert once.nbytes == 3


def test_other_keys_do_not_wait_for_a_slow_one() -> None:
    slow = Event()

    def compute(key: str) -> bytes:
        if key == "slow":
            assert slow.wait(20)
        return key.encode()

    once = Once(compute, len, 100)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(once.get, "slow")
        assert once.get("quick") == b"quick"
        assert not waiting.done()
        slow.set()
        assert waiting.result(20) == b"slow"


def test_what_was_not_asked_for_longest_goes_first() -> None:
    compute = Counted()
    once = Once(compute, len, 6)
    for key in ("aa", "bb", "cc", "aa", "dd"):
        once.get(key)
    assert once.nbytes == 6
    for key in ("aa", "cc", "dd"):
        once.get(key)
    assert compute.calls == ["aa", "bb", "cc", "dd"]
    once.get("bb")
    assert compute.calls[-1] == "bb"


def test_bytes_stay_within_the_limit(ask_together: Callable[..., list[object]]) -> None:
    once = Once(Counted(), len, 20)
    for start in range(0, 40, THREADS):
        ask_together(once, *(f"key {i:02}" for i in range(start, start + THREADS)))
        assert 0 < once.nbytes <= 20


def test_a_value_larger_than_the_limit_is_kept_alone_until_the_next() -> None:
    compute = Counted()
    once = Once(compute, len, 3)
    for key in ("a", "too large", "too large", "b"):
        assert once.get(key) == key.encode()
    assert compute.calls == ["a", "too large", "b"]
    assert once.nbytes == 1


def test_an_error_is_not_kept_and_the_next_ask_tries_again() -> None:
    compute = Counted(failures=2)
    once = Once(compute, len, 100)
    for _ in range(2):
        with pytest.raises(ValueError, match="no value for key"):
            once.get("key")
    assert once.nbytes == 0
    assert once.get("key") == b"key"
    assert compute.calls == ["key"] * 3


def test_an_error_of_one_leaves_the_others_their_value(ask_together: Callable[..., list[object]]) -> None:
    compute = Counted(failures=1)
    once = Once(compute, len, 100)
    answers = ask_together(once, *["key"] * THREADS)
    assert [type(answer) for answer in answers].count(ValueError) == 1
    assert answers.count(b"key") == THREADS - 1


def test_bytes_are_counted_once_after_an_error() -> None:
    # The first fails while a second waits; a third comes while the second computes, and may compute as well.
    begun, go_on = [Event() for _ in range(3)], [Event() for _ in range(3)]
    calls = iter(range(3))

    def compute(key: str) -> bytes:
        number = next(calls)
        begun[number].set()
        assert go_on[number].wait(20)
        if number == 0:
            raise ValueError(f"no value for {key}")
        return key.encode()

    once = Once(compute, len, 100)
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(once.get, "key")
        assert begun[0].wait(20)
        second = pool.submit(once.get, "key")
        sleep(0.1)  # until the second waits; nothing tells
        go_on[0].set()
        assert begun[1].wait(20)
        third = pool.submit(once.get, "key")
        begun[2].wait(0.3)
        for event in go_on:
            event.set()
        assert isinstance(first.exception(20), ValueError)
        assert second.result(20) == third.result(20) == b"key"
    assert once.nbytes == 3


def test_the_default_model_comes_first() -> None:
    names = model_names()
    assert names[0] == DEFAULT_MODEL
    assert len(set(names)) == len(names)


def test_a_trace_is_shared_by_all_who_ask_for_the_same() -> None:
    asked = Asked(DEFAULT_MODEL, "我有一只猫", "")
    with ThreadPoolExecutor(THREADS) as pool:
        traces = list(pool.map(get_trace, [asked] * THREADS))
    assert all(trace is traces[0] for trace in traces)
    assert get_trace(Asked(DEFAULT_MODEL, "我有一只猫", "I have a cat.")) is not traces[0]
    assert get_model(DEFAULT_MODEL) is get_model(DEFAULT_MODEL)
