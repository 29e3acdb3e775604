"""The master goes: killed, stopped, unplugged; and comes back."""
import time

import pytest

from lab import timers
from lab.configuration import global_defs, instance, sync_group
from lab.waiting import never, until

pytestmark = pytest.mark.host

VIP = "10.9.0.100"


def conf(priority, **more):
    return global_defs() + instance(priority, **more)


def spoke_at(pair, tag, start):
    """When the box spoke as master first after start, stamped by the kernel."""
    return next(advert.time for advert in pair.capture[tag].since(start) if advert.priority > 0)


def test_a_killed_master_is_replaced_after_the_master_down_interval(pair, stalls):
    a, _ = pair.both(conf(200), conf(100))
    killed = a.kill_all()
    pair.wait_master("b")
    last = max(advert.time for advert in pair.capture["a"].adverts if advert.time <= killed + 0.01)
    spoke = spoke_at(pair, "b", killed)
    silence, excused = spoke - last, stalls.within(last, spoke)
    limit = timers.master_down(100)
    assert limit - 0.02 - excused <= silence < limit + 0.1 + excused, "b took over %.3f s after the last advert" % silence


def test_a_stopped_master_hands_over_within_the_skew_time(pair, stalls):
    a, _ = pair.both(conf(200), conf(100))
    begin = time.time()
    a.stop()
    pair.wait_master("b")
    farewell = [advert for advert in pair.capture["a"].since(begin) if advert.priority == 0]
    assert len(farewell) == 1, "priority-0 adverts sent: %d" % len(farewell)
    assert not [advert for advert in pair.capture["a"].since(farewell[0].time) if advert.priority > 0]
    spoke = spoke_at(pair, "b", begin)
    assert spoke - farewell[0].time < timers.skew(100) + 0.1 + stalls.within(farewell[0].time, spoke)
    assert pair.addresses["a"].removals(VIP, begin), "a kept the VIP"
    assert a.process.returncode == 0


def test_a_lost_cable_is_a_fault_and_its_return_preempts(pair):
    pair.both(conf(200), conf(100))
    begin = time.time()
    pair.network.unplug(pair.boxes["a"])
    pair.wait_without("a")
    pair.wait_master("b")
    pair.network.plug(pair.boxes["a"])
    pair.wait_master("a")
    pair.wait_without("b")
    assert pair.addresses["a"].removals(VIP, begin)


def test_a_tracked_interface_down_is_a_fault(pair, stalls):
    box = pair.boxes["a"]
    box.run("ip", "link", "add", "eth1", "type", "veth", "peer", "name", "eth1peer")
    box.run("ip", "link", "set", "eth1peer", "up")
    box.run("ip", "link", "set", "eth1", "up")
    pair.both(conf(200, lines=["track_interface {\n    eth1\n}"]), conf(100))
    begin = time.time()
    box.run("ip", "link", "set", "eth1", "down")
    pair.wait_without("a")
    pair.wait_master("b")
    farewell = next(advert.time for advert in pair.capture["a"].since(begin) if advert.priority == 0)
    spoke = spoke_at(pair, "b", begin)
    assert spoke - farewell < timers.skew(100) + 0.1 + stalls.within(farewell, spoke), "b waited although it was told"
    box.run("ip", "link", "set", "eth1", "up")
    pair.wait_master("a")


def test_two_masters_after_a_cut_become_one_when_it_is_mended(pair):
    pair.both(conf(200), conf(100))
    pair.network.cut(pair.boxes["a"])
    pair.wait_master("b")
    assert pair.has("a"), "a gave up though it has its carrier"
    pair.network.mend(pair.boxes["a"])
    pair.wait_without("b")
    start = time.time() + 0.1
    never(lambda: pair.has("b") or not pair.has("a") or pair.capture["b"].since(start), 3, "not exactly a is master")


def test_addresses_left_by_a_crash_are_adopted(pair):
    pair.boxes["a"].run("ip", "addr", "add", VIP + "/32", "dev", "eth0")
    pair.start("a", conf(100))
    pair.wait_master("a")
    pair.daemons["a"].stop()
    assert VIP not in pair.boxes["a"].run("ip", "-4", "addr", "show", "dev", "eth0")


def test_many_addresses_come_and_go_together(pair):
    vips = ["10.9.%d.%d" % (1 + i // 200, i % 200 + 1) for i in range(300)]
    inner = vips[:10]
    excluded = "virtual_ipaddress_excluded {\n    %s\n}" % "\n    ".join(vips[10:])
    a = pair.start("a", conf(100, vips=inner, lines=[excluded]))
    until(lambda: pair.addresses["a"].held.issuperset(vips), 10, "all addresses")
    until(lambda: {n.address for n in pair.capture["a"].announcements}.issuperset(vips), 10, "all announced")
    assert pair.capture["a"].adverts[-1].addresses == tuple(inner)
    a.stop()
    assert not pair.addresses["a"].held.intersection(vips), "they outlast the daemon"


def group_conf(priority, other_interface="eth1"):
    second = instance(priority, vips=["10.8.0.100 dev eth1"], vrid=52, interface=other_interface)
    return global_defs() + sync_group("G", ["V51", "V52"]) + instance(priority) + second


def second_lan(pair):
    """eth1 of a and b, joined directly."""
    a, b = pair.boxes["a"], pair.boxes["b"]
    a.run("ip", "link", "add", "eth1", "type", "veth", "peer", "name", "eth1", "netns", b.name)
    for number, box in enumerate((a, b)):
        box.run("ip", "addr", "add", "10.8.0.%d/24" % (number + 1), "dev", "eth1")
        box.run("ip", "link", "set", "eth1", "up")


def test_a_sync_group_moves_together(pair):
    second_lan(pair)
    pair.both(group_conf(200), group_conf(100))
    pair.wait_master("a", VIP)
    until(lambda: pair.has("a", "10.8.0.100"), 5, "a to hold the group's second address")
    pair.network.unplug(pair.boxes["a"])
    until(lambda: not pair.has("a", VIP) and not pair.has("a", "10.8.0.100"), 10, "a to give up both addresses")
    until(lambda: pair.has("b", VIP) and pair.has("b", "10.8.0.100"), 10, "b to take both addresses")
    pair.network.plug(pair.boxes["a"])
    until(lambda: pair.has("a", VIP) and pair.has("a", "10.8.0.100"), 10, "a to take both addresses back")
    until(lambda: not pair.has("b", VIP) and not pair.has("b", "10.8.0.100"), 10, "b to give up both addresses")
