"""Routes and policy rules of an instance, and static ones, as the kernel has them."""
import os
import signal
import subprocess
import time

import pytest

from lab.configuration import block, global_defs, instance
from lab.waiting import never, until

pytestmark = pytest.mark.host

VIP, VIP6 = "10.9.0.100", "fd00:9::100"

ROUTES = block("virtual_routes", [
    "192.168.110.0/24 via 10.9.0.200",
    "192.168.111.0/24 dev eth0 src %s metric 7" % VIP,
    "192.168.112.0/24 via 10.9.0.200 dev eth0 table 77 mtu 1400 no_track",
    "192.168.113.0/24 table 77 nexthop via 10.9.0.200 weight 1 nexthop via 10.9.0.201 weight 3",
    "blackhole 192.168.114.0/24",
    "192.168.115.0/24 dev eth0 encap ip id 7 dst 198.51.100.1 ttl 9",
    "2001:db8:7::/48 via fd00:9::200 dev eth0",
])
RULES = block("virtual_rules", [
    "from 192.168.12.0/24 to 192.168.11.0/26 table 77 preference 14999",
    "fwmark 5/0xff iif eth0 table 77 preference 14998 no_track",
    "inet6 from 2001:db8::/32 table 77 preference 14997",
])
EXCLUDED = block("virtual_ipaddress_excluded", [VIP6])


def text(priority, *lines, **more):
    return global_defs() + instance(priority, lines=[EXCLUDED] + list(lines), **more)


def shown(box, *words):
    return [" ".join(line.split()) for line in box.run("ip", *words).splitlines()]


def routes(box, family="-4"):
    """Our routes, of all tables: {destination: line}."""
    found = {}
    for line in shown(box, family, "route", "show", "table", "all", "proto", "18"):
        words = line.split()
        if words[0] == "nexthop":  # of the line before
            continue
        found[words[1] if words[0] in ("blackhole", "unreachable", "prohibit") else words[0]] = line
    return found


def rules(box, family="-4"):
    return [line for line in shown(box, family, "rule", "show") if "149" in line.split(":")[0]]


def has_all(box):
    return len(routes(box)) == 6 and len(routes(box, "-6")) == 1 and len(rules(box)) == 2 and \
        len(rules(box, "-6")) == 1


def has_none(box):
    return not (routes(box) or routes(box, "-6") or rules(box) or rules(box, "-6"))


def test_the_master_has_them_and_the_standby_has_not(pair):
    a, b = pair.both(text(200, ROUTES, RULES), text(100, ROUTES, RULES))
    until(lambda: has_all(pair.boxes["a"]), 10, "all routes and rules on a")
    assert has_none(pair.boxes["b"])
    found = routes(pair.boxes["a"])
    assert found["192.168.110.0/24"].startswith("192.168.110.0/24 via 10.9.0.200 dev eth0")
    assert "metric 7" in found["192.168.111.0/24"] and "src " + VIP in found["192.168.111.0/24"]
    assert "table 77" in found["192.168.112.0/24"] and "mtu 1400" in found["192.168.112.0/24"]
    assert found["192.168.114.0/24"].startswith("blackhole")
    assert "encap ip id 7 src 0.0.0.0 dst 198.51.100.1 ttl 9" in found["192.168.115.0/24"]
    listed = " ".join(rules(pair.boxes["a"]))
    assert "from 192.168.12.0/24 to 192.168.11.0/26 lookup 77" in listed
    assert "fwmark 0x5/0xff iif eth0 lookup 77" in listed
    a.stop()
    until(lambda: has_all(pair.boxes["b"]), 10, "all routes and rules on b")
    assert has_none(pair.boxes["a"])
    assert "cannot be" not in a.log() + b.log()


def test_a_killed_links_process_adopts_them(pair):
    a = pair.start("a", text(200, ROUTES, RULES))
    until(lambda: has_all(pair.boxes["a"]), 15, "all routes and rules")
    links = a.child("links")
    os.kill(links, signal.SIGKILL)
    until(lambda: a.child("links") not in (None, links), 10, "its successor")
    never(lambda: not has_all(pair.boxes["a"]), 3, "some of them went")
    box = pair.boxes["a"]
    box.run("ip", "route", "del", "192.168.110.0/24")
    until(lambda: has_all(box), 10, "the successor to put a route back")
    a.stop()
    assert has_none(box)


def test_a_killed_daemon_s_are_removed_when_the_other_box_is_master(pair):
    a, b = pair.both(text(200, ROUTES, RULES, advert_int=0.5), text(100, ROUTES, RULES, advert_int=0.5))
    until(lambda: has_all(pair.boxes["a"]), 15, "all routes and rules")
    a.kill_all()
    until(lambda: has_all(pair.boxes["b"]), 15, "b to take over")
    assert routes(pair.boxes["a"]) and rules(pair.boxes["a"]), "nobody was there to remove them"
    a.configure(text(50, ROUTES, RULES, advert_int=0.5))
    a.start()
    until(lambda: has_none(pair.boxes["a"]), 15, "leftovers to go")
    a.wait_for_log("removes routes and rules left from before")
    assert has_all(pair.boxes["b"])


def test_what_others_remove_is_put_back_unless_it_does_not_matter(pair):
    box = pair.boxes["a"]
    a = pair.start("a", text(200, ROUTES, RULES))
    until(lambda: has_all(box), 15, "all routes and rules")
    box.run("ip", "route", "del", "192.168.111.0/24")
    box.run("ip", "rule", "del", "preference", "14999")
    until(lambda: has_all(box), 10, "them to be put back")
    a.wait_for_log("route 192.168.111.0/24 dev eth0 disappeared without our doing")
    box.run("ip", "route", "del", "192.168.112.0/24", "table", "77")
    never(lambda: "192.168.112.0/24" in routes(box), 3, "no_track did not count")
    assert pair.has("a")


def test_a_route_that_goes_with_its_interface_comes_back_with_it(pair):
    """The kernel tells nothing of routes that an interface takes along."""
    box = pair.boxes["a"]
    box.run("ip", "link", "add", "eth5", "type", "veth", "peer", "name", "eth6")
    for name in ("eth5", "eth6"):
        box.run("ip", "link", "set", name, "up")
    lines = block("virtual_routes", ["192.168.120.0/24 dev eth5 no_track", "192.168.121.0/24 dev eth0"])
    pair.start("a", text(200, lines))
    until(lambda: len(routes(box)) == 2, 15, "both routes")
    box.run("ip", "link", "set", "eth5", "down")
    until(lambda: "192.168.120.0/24" not in routes(box), 5, "the kernel to drop it")
    lines = lines.replace(" no_track", "")
    pair.daemons["a"].reload(text(200, lines))
    pair.wait_without("a", timeout=10)  # tracked now, and its interface is down: at fault
    box.run("ip", "link", "set", "eth5", "up")
    pair.wait_master("a", timeout=15)
    until(lambda: len(routes(box)) == 2, 10, "both routes again")


def test_a_reload_touches_only_what_changed(pair):
    box = pair.boxes["a"]
    a = pair.start("a", text(200, ROUTES, RULES))
    until(lambda: has_all(box), 15, "all routes and rules")
    monitor = subprocess.Popen(box.command("ip", "monitor", "route", "rule"), stdout=subprocess.PIPE, text=True)
    changed = ROUTES.replace("mtu 1400", "mtu 1300").replace("blackhole 192.168.114.0/24", "192.168.115.0/24 dev eth0")
    time.sleep(0.5)
    a.reload(text(200, changed, RULES))
    until(lambda: "192.168.115.0/24" in routes(box) and "mtu 1300" in routes(box)["192.168.112.0/24"], 10, "the changes")
    until(lambda: "192.168.114.0/24" not in routes(box), 5, "the old one to go")
    monitor.terminate()
    heard = monitor.communicate()[0]
    assert "192.168.110.0" not in heard and "lookup" not in heard, heard
    assert "Deleted 192.168.112.0" not in heard, "it was not replaced in place: " + heard
    a.reload(text(200))
    until(lambda: has_none(box), 10, "all to go")
    assert pair.has("a") and not pair.addresses["a"].removals(VIP, 0)


def test_the_kernel_s_refusal_names_the_route(pair):
    lines = block("virtual_routes", ["192.168.110.0/24 via 172.31.1.1", "192.168.111.0/24 dev eth0"])
    a = pair.start("a", text(200, lines))
    pair.wait_master("a")
    a.wait_for_log("route 192.168.110.0/24 via 172.31.1.1 cannot be put on: Network is unreachable")
    until(lambda: "192.168.111.0/24" in routes(pair.boxes["a"]), 5, "the other route")
    pair.boxes["a"].run("ip", "addr", "add", "172.31.1.2/24", "dev", "eth0")
    until(lambda: "192.168.110.0/24" in routes(pair.boxes["a"]), 10, "it to be tried again")
    a.wait_for_log("route 192.168.110.0/24 via 172.31.1.1 is on now")


STATIC = "\n".join([
    block("static_ipaddress", ["172.30.0.1/24 dev eth0", "2001:db8:30::1/64 dev eth0 preferred_lft 0"]),
    block("static_routes", ["192.168.210.0/24 via 172.30.0.200 dev eth0 src 172.30.0.1"]),
    block("static_rules", ["from 172.30.0.0/24 table 78 preference 14990"]),
]) + "\n"


def has_static(pair):
    box = pair.boxes["a"]
    return pair.has("a", "172.30.0.1") and pair.has("a", "2001:db8:30::1") and len(rules(box)) == 1 and \
        "192.168.210.0/24" in routes(box)


def has_no_static(pair):
    box = pair.boxes["a"]
    return not (pair.has("a", "172.30.0.1") or pair.has("a", "2001:db8:30::1") or rules(box) or routes(box))


def test_static_items_are_there_whoever_is_master(pair):
    a = pair.start("a", text(100) + STATIC)
    until(lambda: has_static(pair), 10, "what is static")
    assert not pair.has("a"), "before it became master"
    begin = time.time()
    pair.boxes["a"].run("ip", "addr", "del", "172.30.0.1/24", "dev", "eth0")  # takes the route along
    until(lambda: has_static(pair), 10, "it to be put back")
    vrrp = a.child("vrrp")
    os.kill(vrrp, signal.SIGKILL)
    links = a.child("links")
    os.kill(links, signal.SIGKILL)
    until(lambda: a.child("links") not in (None, links), 10, "a new links process")
    never(lambda: not has_static(pair), 3, "a death took something along")
    assert len(pair.addresses["a"].removals("172.30.0.1", begin)) == 1
    assert not [n for n in pair.capture["a"].announcements if n.address == "172.30.0.1"]
    a.reload(text(100))
    until(lambda: has_no_static(pair), 10, "a reload to take them away")
    a.reload(text(100) + STATIC)
    until(lambda: has_static(pair), 10, "a reload to bring them back")
    a.stop()
    assert has_no_static(pair)


def test_static_items_alone_need_no_instance(pair):
    a = pair.start("a", global_defs() + STATIC)
    until(lambda: has_static(pair), 10, "what is static")
    assert a.child("vrrp") is None
    a.stop()
    assert has_no_static(pair)


def test_static_items_of_a_killed_daemon_are_adopted(pair):
    box = pair.boxes["a"]
    a = pair.start("a", text(100) + STATIC)
    until(lambda: has_static(pair), 10, "what is static")
    a.kill_all()
    killed = time.time()
    monitor = subprocess.Popen(box.command("ip", "monitor", "route", "rule"), stdout=subprocess.PIPE, text=True)
    a.start()
    pair.wait_master("a", timeout=15)
    monitor.terminate()
    heard = monitor.communicate()[0]
    assert "Deleted" not in heard and "lookup 78" not in heard, heard
    assert has_static(pair) and not pair.addresses["a"].removals("172.30.0.1", killed)
