"""Waiting for an event instead of for time to pass."""
import time


def until(condition, timeout, what, every=0.005):
    """The first true value of condition(), polled; fails the test after timeout seconds, saying what it waited for.

    every: seconds between two looks; longer for a look that costs something."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError("waited %.1f s in vain for: %s" % (timeout, what))
        time.sleep(every)


def never(condition, seconds, what):
    """Watches for the given time that condition() stays false: for what must not happen."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert not condition(), what
        time.sleep(0.005)
