"""A pair goes from keepalived to tandem, box by box, and back: the same file on each box, another command.

A client pings the virtual address all the time. Every step that moves the address may cost it one failover, no step more;
what does not move the address costs it nothing.
"""
import time

import pytest

from lab import timers
from lab.configuration import global_defs, instance, unicast
from lab.daemon import KEEPALIVED, daemon_command
from lab.pair import Pair
from lab.pinger import Pinger
from lab.waiting import until

pytestmark = pytest.mark.host

VIP = "10.9.0.100"
MASTER, STANDBY = 200, 100  # priorities of a and b
SLACK = 2.0  # of a busy machine, beside a protocol whose unit is a second


class Site:
    """Two boxes that share an address, and the client."""

    def __init__(self, pair, stalls, version, by_unicast):
        self.pair, self.stalls, self.version, self.by_unicast = pair, stalls, version, by_unicast
        self.running = {}
        for tag, command in (("a", KEEPALIVED), ("b", KEEPALIVED)):
            self.run(tag, command)
        pair.wait_master("a", VIP)
        self.client = Pinger(pair.boxes["c"], VIP)
        until(self.client.is_answered, 5, "an answer to the client")

    def text(self, tag):
        own, other = self.pair.boxes[tag], self.pair.boxes["b" if tag == "a" else "a"]
        lines = unicast(own.ipv4, other.ipv4) if self.by_unicast else []
        return global_defs() + instance(MASTER if tag == "a" else STANDBY, vips=[VIP], version=self.version, lines=lines)

    def run(self, tag, command):
        """The file stays where it is; which program reads it is what changes."""
        name = "%s-%s" % (tag, "keepalived" if command == KEEPALIVED else "tandem")
        daemon = self.pair.daemons.get(name) or self.pair.daemon(tag, self.text(tag), command=command, name=name)
        self.running[tag] = daemon.start()
        words = "BACKUP STATE" if command == KEEPALIVED else "-> BACKUP"
        daemon.wait_for_log(words, start=daemon.log().rindex("--- "))

    def stop(self, tag):
        self.running.pop(tag).stop()

    def replace(self, tag, command):
        self.stop(tag)
        self.run(tag, command)

    def settle(self, master):
        """That box has the address, alone, and the client is answered."""
        self.pair.wait_master(master, VIP)
        self.pair.wait_without("b" if master == "a" else "a", VIP, timeout=3)
        until(self.client.is_answered, 5, "an answer to the client")

    def expect(self, begin, failovers):
        """The client's longest silence since begin is at most that of one failover, or it had none."""
        limit = timers.master_down(STANDBY, version=self.version) + SLACK if failovers else SLACK
        silence = self.client.longest_silence(begin, self.stalls)
        assert silence < limit, "the client had no answer for %.2f s" % silence


@pytest.fixture(params=[(2, False), (2, True), (3, False), (3, True)],
                ids=["v2", "v2-unicast", "v3", "v3-unicast"])
def site(request, stalls):
    pair = Pair("a", "b", "c")
    scene = None
    try:
        scene = Site(pair, stalls, *request.param)
        yield scene
    finally:
        if scene:
            scene.client.close()
        pair.close()


def change_over(site, command):
    """Both boxes to the other program, standby first: the order that the manual (tandem-migrate) tells."""
    begin = time.time()
    site.replace("b", command)
    site.settle("a")
    site.expect(begin, failovers=0)

    begin = time.time()
    site.stop("a")
    site.settle("b")
    site.expect(begin, failovers=1)

    begin = time.time()
    site.run("a", command)
    site.settle("a")
    site.expect(begin, failovers=1)


def test_a_site_goes_over_to_tandem_and_back(site):
    begin = time.time()
    change_over(site, daemon_command())
    change_over(site, KEEPALIVED)
    site.expect(begin, failovers=1)


def test_a_crash_in_the_middle_of_the_migration_is_an_ordinary_failover(site):
    """The standby is tandem already; and on the way back tandem is still the master."""
    site.replace("b", daemon_command())
    site.replace("a", daemon_command())
    site.settle("a")
    site.replace("b", KEEPALIVED)
    site.settle("a")
    begin = time.time()
    site.running.pop("a").kill_all()
    site.settle("b")
    site.expect(begin, failovers=1)
