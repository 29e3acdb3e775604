"""A daemon that is killed or hangs loses its VIP by itself: the addresses have a finite lifetime."""
import time

import pytest

from lab import timers
from lab.configuration import global_defs, instance
from lab.waiting import never, until

pytestmark = pytest.mark.host

# How late the kernel may be with the removal, and our last refresh may be as late as the kill.
CASES = [pytest.param("10.9.0.100", 1.0, id="ipv4"), pytest.param("fd00:9::100", 1.5, id="ipv6")]


def conf(priority, vip, advert_int=1, lines=()):
    return global_defs() + instance(priority, vips=[vip], advert_int=advert_int, lines=lines)


@pytest.mark.parametrize("vip, late", CASES)
@pytest.mark.parametrize("interval", [1, 3])
@pytest.mark.parametrize("how", ["kill_all", "freeze"])
def test_the_vip_goes_by_itself(pair, stalls, how, interval, vip, late):
    a = pair.start("a", conf(200, vip, interval))
    pair.wait_master("a", vip, timeout=5 * interval)
    until(lambda: len(pair.capture["a"].adverts) >= 2, 2 * interval + 1, "a second advert")
    begin = time.time()
    getattr(a, how)()
    stands = time.time()  # until then it may have renewed the lease
    limit = timers.lease(interval) + late
    until(lambda: not pair.has("a", vip), limit + 5, "the VIP to go")
    removed = pair.addresses["a"].removals(vip, begin)[0]
    gone = removed - stands
    assert gone <= limit + stalls.within(stands, removed), "the VIP stayed %.2f s, allowed %.2f s" % (gone, limit)


@pytest.mark.parametrize("vip, late", CASES)
def test_it_stays_while_the_daemon_lives(pair, vip, late):
    pair.start("a", conf(200, vip))
    pair.wait_master("a", vip)
    begin = time.time()
    never(lambda: pair.addresses["a"].removals(vip, begin), 3 * timers.lease() + late, "the lease ran out")


@pytest.mark.parametrize("how", ["kill_all", "freeze"])
def test_no_moment_has_two_holders(pair, how):
    a, _ = pair.both(conf(200, "10.9.0.100"), conf(100, "10.9.0.100"))
    begin = time.time()
    getattr(a, how)()
    pair.wait_master("b")
    gone = pair.addresses["a"].removals("10.9.0.100", begin)
    taken = next(e.time for e in pair.addresses["b"].events if e.added and e.address == "10.9.0.100" and e.time > begin)
    assert gone and gone[0] <= taken, "b held the VIP while a still had it"
