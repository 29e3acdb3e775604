"""The machine stood still and wakes: a master of the past must not speak as if nothing had happened."""
import time

import pytest

from lab.configuration import global_defs, instance
from lab.waiting import never, until

pytestmark = pytest.mark.host

VIP = "10.9.0.100"
FROZEN_S = 6


def conf(priority, lines=()):
    return global_defs() + instance(priority, lines=lines)


def has_had_time(stalls, woken):
    """To put its addresses away, since it was woken."""
    now = time.time()
    return now > woken + 0.1 + stalls.within(woken, now)


def test_a_replaced_master_wakes_as_backup(pair, stalls):
    a, _ = pair.both(conf(200, ["nopreempt"]), conf(100))
    frozen = time.time()
    a.freeze()
    pair.wait_master("b")
    time.sleep(max(0.0, frozen + FROZEN_S - time.time()))
    woken = a.wake()
    never(lambda: [x for x in pair.capture["a"].since(woken) if x.priority == 200] or
          (has_had_time(stalls, woken) and pair.has("a")), 5, "a acts as master after it woke")
    assert pair.has("b")
    assert not [x for x in pair.capture["b"].since(woken) if x.priority == 0]


def test_it_preempts_anew_only_after_it_listened(pair, stalls):
    """Design, "pause guard": withdraw, listen one interval, then decide."""
    a, _ = pair.both(conf(200), conf(100))
    frozen = time.time()
    a.freeze()
    pair.wait_master("b")
    time.sleep(max(0.0, frozen + FROZEN_S - time.time()))
    woken = a.wake()
    never(lambda: has_had_time(stalls, woken) and pair.has("a"), 0.9, "a holds the VIP after it woke")
    pair.wait_master("a")
    first = pair.capture["a"].since(woken)[0].time
    assert first - woken >= 1.0, "spoke %.2f s after it woke" % (first - woken)


def test_a_master_nobody_replaced_listens_before_it_goes_on(pair):
    a = pair.start("a", conf(200))
    pair.wait_master("a")
    a.freeze()
    time.sleep(FROZEN_S)
    woken = a.wake()
    pair.wait_master("a")
    first = next(x for x in pair.capture["a"].since(woken) if x.priority > 0)
    assert first.time - woken >= 0.9, "spoke %.2f s after it woke, without listening first" % (first.time - woken)


def test_a_short_pause_changes_nothing(pair):
    a, _ = pair.both(conf(200), conf(100))
    begin = time.time()
    a.pause(0.5)
    never(lambda: pair.addresses["a"].removals(VIP, begin) or pair.has("b"), 5, "the VIP moved")
    until(lambda: len(pair.capture["a"].since(begin + 1)) >= 3, 5, "adverts to go on")
