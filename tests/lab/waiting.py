"""Waiting for an event instead of for time to pass."""
import time

# A wait says what a quiet machine needs. A busy one may take this many times as long: what must come is waited for, and how
# soon it came is judged by the stamps of captured events, not by the wait.
PATIENCE = 4


def until(condition, timeout, what, every=0.005):
    """The first true value of condition(), polled; fails the test after timeout seconds (times PATIENCE), saying what it
    waited for.

    every: seconds between two looks; longer for a look that costs something."""
    begin = time.monotonic()
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > begin + timeout * PATIENCE:
            raise AssertionError("waited %.1f s in vain for: %s" % (time.monotonic() - begin, what))
        time.sleep(every)


def never(condition, seconds, what):
    """Watches for the given time that condition() stays false: for what must not happen."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert not condition(), what
        time.sleep(0.005)
