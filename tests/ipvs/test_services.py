"""Every kind of virtual service, as ipvsadm reads it and, where a client can tell, as it answers."""
import re

import pytest

from lab.balancer import DIRECT_VIP, INNER_VIP, VIP, get
from lab.configuration import block, global_defs, instance, real_server, tcp_check, virtual_server
from lab.namespace import ip_batch
from lab.waiting import never, until

pytestmark = pytest.mark.lab

VIP2 = "10.9.0.101"
VIP6, INNER_VIP6 = "fd00:9::100", "fd00:8::100"
WEB = ["10.8.0.11", "10.8.0.12"]
ALONE = 255  # the priority of a director without another: it is master at once


def addresses(priority=ALONE):
    return instance(priority, vips=[VIP, VIP2, DIRECT_VIP, INNER_VIP + " dev eth1"], name="front",
                    state="MASTER" if priority == ALONE else "BACKUP")


def service(what, lines):
    return block("virtual_server " + what, lines) + "\n"


def group(name, *entries):
    return block("virtual_server_group " + name, entries) + "\n"


def saved(balancer, tag="a"):
    """The table as ipvsadm saves it, one line an entry; what is default is left out."""
    text = balancer.boxes[tag].run("ipvsadm", "-Sn").replace(" --tun-type ipip", "")
    return {line.strip() for line in text.splitlines() if line.strip()}


def start(balancer, text, tag="a", priority=ALONE, globals_=()):
    return balancer.start(tag, global_defs(*globals_) + addresses(priority) + text)


def answers(space, address, count=6, port=80):
    """Who answered: only good answers count, and there must be one."""
    found = [get(space, address, port) for _ in range(count)]
    assert any(found), "nobody answers on %s" % address
    return [name for name in found if name]


# ---------------------------------------------------------------- the table

NAT = ["lvs_sched rr", "lvs_method NAT", "protocol TCP"]

# What the group of KINDS is in the kernel, each with the port its servers get by a tunnel.
MEMBERS = [("-t 10.9.0.100:80", 80), ("-t 10.9.0.101:81", 81), ("-t 10.9.0.102:81", 81), ("-t 10.9.0.104:82", 82),
           ("-t 10.9.0.105:82", 82), ("-f 9", 0), ("-t [fd00:9::ffff]:83", 83), ("-t [fd00:9::1:0]:83", 83)]

KINDS = {
    "sctp": (service("10.9.0.100 80", ["lvs_sched rr", "lvs_method NAT", "protocol SCTP", "real_server 10.8.0.11 {}"]),
             {"-A --sctp-service 10.9.0.100:80 -s rr", "-a --sctp-service 10.9.0.100:80 -r 10.8.0.11:80 -m -w 1"}),
    "one packet": (service("10.9.0.100 53", ["lvs_sched rr", "lvs_method NAT", "protocol UDP", "ops",
                                             "real_server 10.8.0.11 54 {}"]),
                   {"-A -u 10.9.0.100:53 -s rr -o", "-a -u 10.9.0.100:53 -r 10.8.0.11:54 -m -w 1"}),
    "all ports": (service("10.9.0.100", NAT + ["persistence_timeout 50", "real_server 10.8.0.11 {}"]),
                  {"-A -t 10.9.0.100:0 -s rr -p 50", "-a -t 10.9.0.100:0 -r 10.8.0.11:0 -m -w 1"}),
    "clients by network": (service("10.9.0.100 80", NAT + ["persistence_granularity 255.255.255.0",
                                                           "real_server 10.8.0.11 {}"]),
                           {"-A -t 10.9.0.100:80 -s rr -p 360 -M 255.255.255.0",
                            "-a -t 10.9.0.100:80 -r 10.8.0.11:80 -m -w 1"}),
    "sip": (service("10.9.0.100 5060", ["lvs_sched rr", "lvs_method NAT", "protocol UDP", "persistence_timeout 60",
                                        "persistence_engine sip", "real_server 10.8.0.11 {}"]),
            {"-A -u 10.9.0.100:5060 -s rr -p 60 --pe sip", "-a -u 10.9.0.100:5060 -r 10.8.0.11:5060 -m -w 1"}),
    "flags": (service("10.9.0.100 80", ["lvs_sched sh", "sh-port", "sh-fallback", "lvs_method NAT", "protocol TCP",
                                        "real_server 10.8.0.11 {}"]),
              {"-A -t 10.9.0.100:80 -s sh -b sh-fallback,sh-port", "-a -t 10.9.0.100:80 -r 10.8.0.11:80 -m -w 1"}),
    "weights and thresholds": (
        service("10.9.0.100 80", NAT + ["real_server 10.8.0.11 {\nweight 65535\nuthreshold 100\nlthreshold 10\n}",
                                        "real_server 10.8.0.12 8080 {\nweight 0\n}"]),
        {"-A -t 10.9.0.100:80 -s rr", "-a -t 10.9.0.100:80 -r 10.8.0.11:80 -m -w 65535",
         "-a -t 10.9.0.100:80 -r 10.8.0.12:8080 -m -w 0"}),
    "methods": (
        service("10.9.0.100 80", NAT + [
            "real_server 10.8.0.11 {}", "real_server 10.8.0.12 {\nlvs_method DR\n}",
            "real_server 10.8.0.13 {\nlvs_method TUN\n}",
            "real_server 10.8.0.14 {\nlvs_method TUN type gue port 6080 nocsum\n}",
            "real_server 10.8.0.15 {\nlvs_method TUN type gue port 6080 csum\n}",
            "real_server 10.8.0.16 {\nlvs_method TUN type gue port 6080 remcsum\n}",
            "real_server 10.8.0.17 {\nlvs_method TUN type gre\n}",
            "real_server 10.8.0.18 {\nlvs_method TUN type gre csum\n}",
            "real_server fd00:8::19 {\nlvs_method TUN\n}"]),
        {"-A -t 10.9.0.100:80 -s rr", "-a -t 10.9.0.100:80 -r 10.8.0.11:80 -m -w 1",
         "-a -t 10.9.0.100:80 -r 10.8.0.12:80 -g -w 1", "-a -t 10.9.0.100:80 -r 10.8.0.13:80 -i -w 1",
         "-a -t 10.9.0.100:80 -r 10.8.0.14:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-nocsum",
         "-a -t 10.9.0.100:80 -r 10.8.0.15:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-csum",
         "-a -t 10.9.0.100:80 -r 10.8.0.16:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-remcsum",
         "-a -t 10.9.0.100:80 -r 10.8.0.17:80 -i -w 1 --tun-type gre --tun-nocsum",
         "-a -t 10.9.0.100:80 -r 10.8.0.18:80 -i -w 1 --tun-type gre --tun-csum",
         "-a -t 10.9.0.100:80 -r [fd00:8::19]:80 -i -w 1"}),
    "ipv6": (
        service("fd00:9::100 80", NAT + ["persistence_granularity 64", "real_server fd00:8::11 8080 {}",
                                         "real_server 10.8.0.12 {\nlvs_method TUN\n}"]),
        {"-A -t [fd00:9::100]:80 -s rr -p 360 -M 64", "-a -t [fd00:9::100]:80 -r [fd00:8::11]:8080 -m -w 1",
         "-a -t [fd00:9::100]:80 -r 10.8.0.12:80 -i -w 1"}),
    "firewall marks": (
        service("fwmark 7", ["lvs_sched rr", "lvs_method DR", "real_server 10.8.0.11 {}"]) +
        service("fwmark 8", ["lvs_sched rr", "lvs_method DR", "real_server fd00:8::11 {}"]),
        {"-A -f 7 -s rr", "-a -f 7 -r 10.8.0.11:0 -g -w 1",
         "-A -f 8 -6 -s rr", "-a -f 8 -6 -r [fd00:8::11]:0 -g -w 1"}),
    "a group": (
        group("G", "10.9.0.100 80", "10.9.0.101-102 81", "10.9.0.104/31 82", "fwmark 9",
              "fd00:9::ffff-fd00:9::1:0 83") +
        service("group G", ["lvs_sched rr", "lvs_method TUN", "protocol TCP", "real_server 10.8.0.11 {}"]),
        {"-A %s -s rr" % name for name, _ in MEMBERS} |
        {"-a %s -r 10.8.0.11:%d -i -w 1" % member for member in MEMBERS}),
    "an idle sorry server": (
        service("10.9.0.100 80", NAT + ["sorry_server 10.8.0.99 8080", "sorry_server_inhibit",
                                        "sorry_server_lvs_method NAT", "real_server 10.8.0.11 {}"]),
        {"-A -t 10.9.0.100:80 -s rr", "-a -t 10.9.0.100:80 -r 10.8.0.11:80 -m -w 1",
         "-a -t 10.9.0.100:80 -r 10.8.0.99:8080 -m -w 0"}),
}


def test_the_table_has_every_kind(balancer):
    """One daemon that is reloaded from kind to kind: starting one costs seconds here."""
    a = None
    for kind, (text, wanted) in KINDS.items():
        text = global_defs() + text.replace("{}", "{\n}")
        if a is None:
            a = balancer.start("a", text)
        else:
            a.reload(text)
        until(lambda: saved(balancer) == wanted, 15, "%s: %s\nthere is %s" % (
            kind, sorted(wanted), sorted(saved(balancer))), every=0.05)
        if "thresholds" in kind:  # these ipvsadm does not save
            thresholds = balancer.boxes["a"].run("ipvsadm", "-Ln", "--thresholds")
            assert re.search(r"10\.8\.0\.11:80 +100 +10 ", thresholds), thresholds
    assert "cannot be" not in a.log(), "the kernel refused something"


# ---------------------------------------------------------------- groups

def web_group(*entries, lines=()):
    return group("web", *entries) + service("group web", NAT + list(lines) + [
        real_server(address, 80, tcp_check()) for address in WEB] + ["delay_loop 1"])


def test_a_group_answers_on_each_of_its_addresses(balancer):
    start(balancer, web_group(VIP + " 80", VIP2 + " 80"))
    balancer.wait_master("a", timeout=15)
    until(lambda: get(balancer.client, VIP) and get(balancer.client, VIP2), 10, "both addresses to answer")
    assert set(answers(balancer.client, VIP)) == {"s1", "s2"}
    assert set(answers(balancer.client, VIP2)) == {"s1", "s2"}
    balancer.web["s2"].stop()  # one check moves both
    until(lambda: all("10.8.0.12:80" not in servers for servers in balancer.table().services.values()), 10,
          "s2 to leave both services")


def test_a_reload_touches_only_the_members_that_changed(balancer):
    a = start(balancer, web_group(VIP + " 80", VIP2 + " 80"))
    until(lambda: len(balancer.table().services) == 2, 10, "two services")

    def reload(*entries):
        mark = len(a.log())
        a.reload(global_defs() + addresses() + web_group(*entries))
        until(lambda: re.search(r"reloaded: \d+ commands", a.log()[mark:]), 10, "the reload")
        return int(re.search(r"reloaded: (\d+) commands", a.log()[mark:]).group(1))

    assert reload(VIP + " 80", VIP2 + " 80") == 0
    assert reload(VIP + " 80", VIP2 + " 80", "10.9.0.102 80") == 3  # the service and its two servers
    assert reload(VIP + " 80", "10.9.0.102 80") == 1
    until(lambda: set(balancer.table().services) == {"TCP %s:80" % VIP, "TCP 10.9.0.102:80"}, 5, "the two that stay")


# ---------------------------------------------------------------- firewall marks

def test_a_firewall_mark_answers_whatever_it_marks(balancer):
    box = balancer.boxes["a"]
    rule = ["iptables-legacy", "-t", "mangle", "-A", "PREROUTING", "-d", VIP, "-p", "tcp", "-m", "multiport",
            "--dports", "80,8080", "-j", "MARK", "--set-mark", "7"]
    box.run(*rule)
    try:
        start(balancer, service("fwmark 7", ["lvs_sched rr", "lvs_method NAT", "delay_loop 1"] + [
            real_server(address, 80, tcp_check()) for address in WEB]))
        balancer.wait_master("a", timeout=15)
        until(lambda: get(balancer.client, VIP), 10, "an answer by the mark")
        assert set(answers(balancer.client, VIP)) == {"s1", "s2"}
        assert set(answers(balancer.client, VIP, port=8080)) == {"s1", "s2"}  # the same servers' port 80
    finally:
        box.run(*[word if word != "-A" else "-D" for word in rule])


# ---------------------------------------------------------------- IPv6

@pytest.fixture
def inner_ipv6(balancer):
    """The inner LAN speaks IPv6 too, and the servers answer the client by way of the master."""
    for number, tag in enumerate("ab"):
        box = balancer.boxes[tag]
        ip_batch(["addr replace fd00:8::%d/64 dev eth1 nodad" % (number + 1)], box.name)
        box.sysctl("ipv6/conf/all/forwarding", 1)
    for tag, number in (("s1", 11), ("s2", 12)):
        space = balancer.spaces[tag]
        ip_batch(["addr replace fd00:8::%x/64 dev eth0 nodad" % number,
                  "route replace fd00:9::/64 via inet6 %s dev eth0" % INNER_VIP6], space.name)
    return balancer


def test_ipv6_answers(inner_ipv6):
    balancer = inner_ipv6
    six = instance(ALONE, vips=[VIP6, INNER_VIP6 + " dev eth1"], name="six", vrid=61, state="MASTER")
    balancer.start("a", global_defs() + six + service(VIP6 + " 80", NAT + ["delay_loop 1"] + [
        real_server(address, 80, tcp_check()) for address in ("fd00:8::b", "fd00:8::c")]))
    until(lambda: get(balancer.client, VIP6), 20, "an answer over IPv6")
    assert set(answers(balancer.client, VIP6)) == {"s1", "s2"}


# ---------------------------------------------------------------- persistence

def test_a_persistent_client_stays_with_its_server(balancer):
    start(balancer, virtual_server(VIP, 80, "NAT", [real_server(address, 80) for address in WEB],
                                   ["persistence_timeout 60"]))
    balancer.wait_master("a", timeout=15)
    until(lambda: get(balancer.client), 10, "an answer")
    assert len(set(answers(balancer.client, VIP, 8))) == 1


# ---------------------------------------------------------------- the sorry server

def test_the_sorry_server_answers_while_there_is_no_quorum(balancer):
    """s1 is the only real server, s2 is sorry."""
    a = start(balancer, virtual_server(VIP, 80, "NAT", [real_server(WEB[0], 80, tcp_check())],
                                       ["sorry_server %s 80" % WEB[1]]))
    balancer.wait_master("a", timeout=15)
    until(lambda: get(balancer.client) == "s1", 10, "the real server to answer")
    balancer.web["s1"].stop()
    until(lambda: get(balancer.client) == "s2", 10, "the sorry server to answer")
    assert balancer.table().weights("TCP %s:80" % VIP) == {WEB[1] + ":80": 1}
    balancer.web["s1"].start()
    until(lambda: balancer.table().weights("TCP %s:80" % VIP) == {WEB[0] + ":80": 1}, 10, "the real server alone")
    until(lambda: get(balancer.client) == "s1", 5, "the real server to answer again")


# ---------------------------------------------------------------- IPVS as a whole

def daemons(balancer, tag):
    """{"master", "backup"}: which sync daemons run."""
    text = balancer.boxes[tag].run("ipvsadm", "-L", "--daemon")
    return {word for word in ("master", "backup") if re.search(r"^%s sync daemon" % word, text, re.M)}


@pytest.fixture
def synced(balancer):
    """No sync daemon is left behind: beside one, the kernel takes no real server of the other address family."""
    yield balancer
    for daemon in balancer.daemons.values():
        daemon.stop()
    assert not daemons(balancer, "a") | daemons(balancer, "b")


def test_the_sync_daemon_follows_the_instance(synced):
    balancer = synced
    web = virtual_server(VIP, 80, "NAT", [real_server(address, 80) for address in WEB])
    sync = ["lvs_sync_daemon eth1 inst front id 7"]
    start(balancer, web, "a", 200, globals_=sync)
    balancer.wait_master("a", timeout=15)
    until(lambda: daemons(balancer, "a") == {"master"}, 10, "a to send")
    start(balancer, web, "b", 100, globals_=sync)
    until(lambda: daemons(balancer, "b") == {"backup"}, 15, "b to receive")
    assert "syncid=7" in balancer.boxes["a"].run("ipvsadm", "-L", "--daemon")
    balancer.daemons["a"].stop()
    assert daemons(balancer, "a") == set()
    assert "the kernel does not answer" not in balancer.daemons["a"].log()
    until(lambda: daemons(balancer, "b") == {"master"}, 15, "b to send after it took over")


def test_a_sync_daemon_that_somebody_stopped_is_back(synced):
    balancer = synced
    start(balancer, virtual_server(VIP, 80, "NAT", [real_server(WEB[0], 80)]), globals_=["lvs_sync_daemon eth1 id 3"])
    until(lambda: daemons(balancer, "a") == {"master", "backup"}, 15, "both roles, as no instance decides")
    balancer.boxes["a"].run("ipvsadm", "--stop-daemon", "backup")
    until(lambda: daemons(balancer, "a") == {"master", "backup"}, 15, "the other daemon to be back")


def test_timeouts(balancer):
    web = virtual_server(VIP, 80, "NAT", [real_server(WEB[0], 80)])
    a = start(balancer, web, globals_=["lvs_timeouts tcp 901 udp 302"])

    def timeouts():
        return re.search(r": (\d+) (\d+) (\d+)", balancer.boxes["a"].run("ipvsadm", "-L", "--timeout")).groups()

    until(lambda: timeouts()[0] == "901" and timeouts()[2] == "302", 10, "the timeouts")
    finish = timeouts()[1]
    a.reload(global_defs("lvs_timeouts udp 303") + addresses() + web)
    until(lambda: timeouts() == ("901", finish, "303"), 10, "the new timeout, the others as they were")


def test_flushes(balancer):
    box = balancer.boxes["a"]
    web = virtual_server(VIP, 80, "NAT", [real_server(WEB[0], 80)])

    def add_foreign():
        box.run("ipvsadm", "-A", "-t", "10.9.0.77:8080", "-s", "rr")

    add_foreign()
    a = start(balancer, web, globals_=["lvs_flush"])
    until(lambda: set(balancer.table().services) == {"TCP %s:80" % VIP}, 10, "only ours")
    add_foreign()
    never(lambda: "TCP 10.9.0.77:8080" not in balancer.table().services, 7, "somebody's service went without a start")
    mark = len(a.log())
    a.reload(global_defs("lvs_flush_on_stop") + addresses() + web)
    a.wait_for_log("reloaded:", start=mark)
    a.stop()
    assert balancer.table().services == {}
