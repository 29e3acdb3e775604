"""A test that failed while the machine stood still is run again: a failure then may be the machine's.

A virtual machine's host takes its processors away for seconds, or most of them for minutes. Tests take off what the
metronomes (stalls.py) noted where they judge times, and yet a stall may be longer than what any daemon must endure: a
lease of two seconds ends when its owner stands still for two.

A failure on a machine that ran is never repeated, and what is broken fails every time. All that was repeated is told at the end.
"""
import time

import pytest
from _pytest.runner import runtestprotocol

from lab.stalls import ATTEMPTS

REPETITIONS = 6  # of one process of pytest: where more than a few tests fail it is not for the machine
PROPERTY = "repeated"


class Repetition:
    """The plugin. stalls: the Stalls of the run."""

    def __init__(self, stalls):
        self._stalls = stalls
        self._left = REPETITIONS

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item, nextitem):
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        for attempt in range(ATTEMPTS):
            begin = time.time()
            reports = runtestprotocol(item, log=False, nextitem=nextitem)
            failure = next((report for report in reports if report.failed), None)
            stood = self._stalls.stood_still(begin) if failure else None
            if not stood or attempt == ATTEMPTS - 1 or self._left == 0:
                break
            self._left -= 1
            item.user_properties.append((PROPERTY, "%s: %s" % (stood, last_words(failure))))
        for report in reports:
            item.ihook.pytest_runtest_logreport(report=report)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    def pytest_terminal_summary(self, terminalreporter):
        told = {(report.nodeid, text) for reports in terminalreporter.stats.values() for report in reports
                for name, text in getattr(report, "user_properties", []) if name == PROPERTY}
        for nodeid, text in sorted(told):
            terminalreporter.write_line("REPEATED %s: %s" % (nodeid, text))


def last_words(report):
    """What a failed test said, on one line."""
    crash = getattr(report.longrepr, "reprcrash", None)
    return (crash.message if crash else str(report.longrepr)).splitlines()[0]
