"""Who becomes master: priorities, preemption, versions, families, unicast."""
import os
import signal
import time

import pytest

from lab import timers
from lab.configuration import global_defs, instance, unicast
from lab.observer import Capture
from lab.waiting import never, until

pytestmark = pytest.mark.host

VIP, VIP6 = "10.9.0.100", "fd00:9::100"


def conf(priority, **more):
    return global_defs() + instance(priority, **more)


def test_the_only_router_becomes_master_after_the_master_down_interval(pair, stalls):
    """Counted from when it listens, which is somewhere between its start and the first look that finds its word of it."""
    begin = time.time()
    a = pair.start("a", conf(100))
    until(lambda: pair.is_listening(a), 10, "it to listen")
    listens = time.time()
    pair.wait_master("a")
    first = pair.capture["a"].adverts[0]
    limit = timers.master_down(100)
    assert limit <= first.time - begin, "became master %.2f s after its start" % (first.time - begin)
    excused = stalls.within(listens, first.time)
    assert first.time - listens < limit + 0.5 + excused, "became master %.2f s after it listened" % (first.time - listens)
    assert (first.priority, first.vrid, first.version, first.addresses) == (100, 51, 3, (VIP,))
    assert (first.destination, first.ttl, first.interval) == ("224.0.0.18", 255, 1.0)
    assert first.source == pair.boxes["a"].ipv4
    assert first.checksum != "bad"


def test_unicast_without_a_peer_is_a_fault_where_wanted(pair):
    a = pair.start("a", conf(100, lines=["unicast_fault_no_peer"]))
    a.wait_for_log("because it has no unicast_peer")
    never(lambda: pair.has("a") or pair.capture["a"].adverts, 5, "it spoke")
    other = unicast(pair.boxes["a"].ipv4, pair.boxes["b"].ipv4)
    a.reload(conf(100, lines=["unicast_fault_no_peer"] + other))
    pair.wait_master("a")


def test_addresses_elsewhere_are_announced_again_and_again(pair):
    """garp_extra_if: others than those on the instance's interface."""
    box = pair.boxes["a"]
    pair.network.switch.run("ip", "link", "add", "pa2", "type", "veth", "peer", "name", "eth1", "netns", box.name)
    pair.network.switch.run("ip", "link", "set", "pa2", "master", "br0", "up")
    box.run("ip", "link", "set", "eth1", "up")
    watch = pair.observer.watch(Capture(pair.network.switch, "pa2"))
    lines = ["garp_extra_if all 1", "garp_master_delay 0", "garp_master_repeat 1"]
    pair.start("a", conf(100, vips=[VIP, "10.9.0.101 dev eth1"], lines=lines))
    pair.wait_master("a")
    until(lambda: len(watch.announcements) >= 4, 15, "announcements on the other interface")
    assert {n.address for n in watch.announcements} == {"10.9.0.101"}
    assert [n.address for n in pair.capture["a"].announcements] == [VIP]


def test_a_version_2_advert_is_right_to_the_last_field(pair):
    pair.start("a", conf(100, version=2, advert_int=2))
    pair.wait_master("a", timeout=12)
    first = pair.capture["a"].adverts[0]
    assert (first.version, first.priority, first.vrid, first.interval) == (2, 100, 51, 2.0)
    assert (first.addresses, first.auth_type, first.checksum, first.ttl) == ((VIP,), 0, "plain", 255)


def test_the_vip_is_announced_with_the_mac_of_the_interface(pair):
    pair.start("a", conf(100))
    pair.wait_master("a")
    until(lambda: pair.capture["a"].announcements, 5, "a gratuitous ARP")
    mac = pair.boxes["a"].run("ip", "-br", "link", "show", "eth0").split()[2]
    assert {(n.address, n.mac) for n in pair.capture["a"].announcements} == {(VIP, mac)}


def test_adverts_keep_their_interval(pair, stalls):
    pair.start("a", conf(100, advert_int=0.2))
    pair.wait_master("a")
    begin = time.time()
    until(lambda: len(pair.capture["a"].since(begin)) > 25, 10, "25 adverts")
    adverts = pair.capture["a"].since(begin)
    gap = stalls.longest_gap(adverts)
    assert gap < 0.22, "an advert was %.0f ms late" % ((gap - 0.2) * 1000)
    assert (adverts[-1].time - adverts[0].time) / (len(adverts) - 1) == pytest.approx(0.2, rel=0.02)


def test_a_daemon_that_is_stopped_has_no_excuse(pair, stalls):
    """What the test above subtracts are the machine's stalls, not the daemon's."""
    a = pair.start("a", conf(100, advert_int=0.2))
    pair.wait_master("a")
    begin, vrrp = time.time(), a.child("vrrp")
    until(lambda: pair.capture["a"].since(begin), 5, "an advert")
    os.kill(vrrp, signal.SIGSTOP)
    stopped = time.time()
    until(lambda: time.time() - stopped - stalls.within(stopped, time.time()) > 0.7, 5, "the machine to run while vrrp does not")
    os.kill(vrrp, signal.SIGCONT)
    woken = time.time()
    until(lambda: pair.capture["a"].since(woken), 10, "adverts afterwards")
    assert stalls.longest_gap(pair.capture["a"].since(begin)) > 0.5


@pytest.mark.parametrize("version, extra", [(2, "multicast"), (3, "multicast"), (3, "unicast"), (2, "unicast")])
def test_the_higher_priority_is_master_and_preempts(pair, version, extra):
    def lines(own, other):
        return unicast(pair.boxes[own].ipv4, pair.boxes[other].ipv4) if extra == "unicast" else []

    pair.start("b", conf(100, version=version, lines=lines("b", "a")))
    pair.wait_master("b")
    pair.start("a", conf(200, version=version, lines=lines("a", "b")))
    pair.wait_master("a")
    pair.wait_without("b")
    sent = pair.capture["a"].adverts[0]
    assert sent.destination == (pair.boxes["b"].ipv4 if extra == "unicast" else "224.0.0.18")
    silent_from = time.time() + 0.1
    never(lambda: pair.has("b") or pair.capture["b"].since(silent_from), 2, "b acts as master under a")


def test_ipv6(pair):
    a = pair.start("a", conf(200, vips=[VIP6]))
    pair.wait_master("a", VIP6)
    pair.start("b", conf(100, vips=[VIP6]))
    advert = pair.capture["a"].adverts[0]
    assert (advert.destination, advert.ttl, advert.version) == ("ff02::12", 255, 3)
    assert advert.source.startswith("fe80:") and advert.addresses == (VIP6,) and advert.checksum == "pseudo"
    until(lambda: [n for n in pair.capture["a"].announcements if n.address == VIP6], 5, "a neighbour advertisement")
    never(lambda: pair.has("b", VIP6), 4, "b takes the VIP of a")
    a.kill_all()
    pair.wait_master("b", VIP6)


def test_nopreempt_leaves_the_lower_priority_in_office(pair):
    pair.start("b", conf(100))
    pair.wait_master("b")
    pair.start("a", conf(200, lines=["nopreempt"]))
    never(lambda: pair.has("a"), timers.master_down(200) + 2, "a preempts though told not to")
    pair.daemons["b"].stop()
    pair.wait_master("a")


def test_preempt_delay_holds_the_higher_priority_back(pair):
    pair.start("b", conf(100))
    pair.wait_master("b")
    begin = time.time()
    pair.start("a", conf(200, lines=["preempt_delay 3"]))
    pair.wait_master("a", timeout=15)
    taken = [e.time for e in pair.addresses["a"].events if e.added and e.address == VIP][0]
    assert taken - begin >= 3, "preempted after %.2f s" % (taken - begin)


def test_equal_priorities_are_decided_by_address(pair):
    pair.both(conf(100), conf(100))
    pair.network.cut(pair.boxes["a"])
    pair.wait_master("b")
    pair.network.mend(pair.boxes["a"])
    pair.wait_without("a")
    start = time.time() + 0.1
    never(lambda: not pair.has("b") or pair.has("a") or pair.capture["a"].since(start), 3, "not exactly b is master")


def test_the_owner_is_master_at_once(pair):
    """By its own account it waits for nobody: not even the part of an interval that any other would wait."""
    a = pair.start("a", conf(255, state="MASTER"))
    pair.wait_master("a")
    assert pair.capture["a"].adverts[0].priority == 255
    a.wait_for_log("instance V51: INIT -> MASTER")
    assert "BACKUP" not in a.log()
