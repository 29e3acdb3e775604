"""vrrp_strict, no_accept and vrrp_startup_delay as the network sees them."""
import socket
import time

import pytest

from lab import timers
from lab.configuration import block, global_defs, instance, password
from lab.waiting import never, until

pytestmark = pytest.mark.host

VIP, VIP6 = "10.9.0.100", "fd00:9::100"


def is_answered(box, address):
    """A connection to a port nobody listens to is refused by who accepts packets, and waits in vain otherwise."""
    with box.entered():
        client = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    client.settimeout(1)
    try:
        client.connect((address, 9))
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    finally:
        client.close()
    return True


def excluded(*addresses):
    return block("virtual_ipaddress_excluded", addresses)


def conf(priority, *lines, settings=(), version=3):
    return global_defs(*settings) + instance(priority, version=version, lines=list(lines) + [excluded(VIP6)])


def test_a_strict_master_does_not_accept_packets_but_resolves_its_addresses(pair):
    a = pair.start("a", conf(200, settings=["vrrp_strict"]))
    pair.wait_master("a")
    other = pair.boxes["b"]
    assert is_answered(other, pair.boxes["a"].ipv4) and is_answered(other, pair.boxes["a"].ipv6)
    assert not is_answered(other, VIP) and not is_answered(other, VIP6)
    mac = pair.boxes["a"].run("ip", "-br", "link", "show", "eth0").split()[2]
    neighbours = other.run("ip", "neigh", "show")
    assert mac in [line for line in neighbours.splitlines() if line.startswith(VIP + " ")][0]
    assert mac in [line for line in neighbours.splitlines() if line.startswith(VIP6 + " ")][0]
    log = len(a.log())
    a.reload(conf(200, "strict_mode off", settings=["vrrp_strict"]))
    until(lambda: is_answered(other, VIP) and is_answered(other, VIP6), 10, "answers after a reload")
    a.reload(conf(200, "no_accept"))
    until(lambda: not is_answered(other, VIP) and not is_answered(other, VIP6), 10, "silence after a reload")
    assert not pair.addresses["a"].removals(VIP, 0), "a reload moved the address"
    assert "cannot" not in a.log()[log:]


def test_rules_left_by_a_killed_daemon_go_when_nobody_needs_them(pair):
    a = pair.start("a", conf(200, "no_accept"))
    pair.wait_master("a")
    assert not is_answered(pair.boxes["b"], VIP)
    a.kill_all()
    a.configure(conf(200))
    a.start()
    until(lambda: is_answered(pair.boxes["b"], VIP), 15, "answers")
    assert "removes the rules left from before" in a.log()


def test_a_stopped_daemon_leaves_no_rules(pair):
    a = pair.start("a", conf(200, "no_accept"))
    pair.wait_master("a")
    a.stop()
    pair.boxes["a"].run("ip", "addr", "add", VIP + "/32", "dev", "eth0")
    assert is_answered(pair.boxes["b"], VIP)


def test_a_strict_master_lets_a_lower_advert_pass(pair, stalls):
    """Not strict, it would answer it at once and announce itself again."""
    a = pair.start("a", conf(200, settings=["vrrp_strict"]))
    pair.wait_master("a")
    pair.network.cut(pair.boxes["a"])
    b = pair.start("b", conf(100, settings=["vrrp_strict"]))
    pair.wait_master("b")
    until(lambda: pair.capture["b"].adverts, 5, "adverts of b")
    pair.network.mend(pair.boxes["a"])
    begin = time.time()
    pair.wait_without("b", timeout=5)
    times = [advert.time for advert in pair.capture["a"].since(begin - 2)]
    gaps = [later - earlier for earlier, later in zip(times, times[1:])]
    assert min(gaps) > 0.9 - stalls.within(times[0], times[-1]), "a answered out of turn: %s" % gaps
    assert not [n for n in pair.capture["a"].announcements if n.time > begin + 0.05 and n.address == VIP], \
        "a announced itself because of an advert of lower priority"
    assert a.is_running() and b.is_running()


def test_authentication_is_dropped_with_a_complaint(pair):
    a = pair.start("a", global_defs("vrrp_strict") + instance(200, version=2, lines=password("s3cret")))
    pair.wait_master("a")
    assert pair.capture["a"].adverts[0].auth_type == 0
    assert "there is no authentication with strict VRRP" in a.log()


def test_the_start_is_delayed(pair):
    begin = time.time()
    a = pair.start("a", conf(200, settings=["vrrp_startup_delay 4"]))
    never(lambda: pair.has("a"), 3.5, "it did not wait")
    pair.wait_master("a")
    first = pair.capture["a"].adverts[0].time
    assert first - begin > 4 + timers.master_down(200), "it waited %.1f s" % (first - begin)
    assert "start in 4.0 s" in a.log()
