"""The director and its checkers against a kernel with IPVS, read by ipvsadm, used by a client over HTTP."""
import json
import os
import re
import signal
import subprocess

import pytest

from lab.balancer import DIRECT_VIP, INNER_VIP, VIP, get
from lab.configuration import (global_defs, http_get, instance, real_server, tcp_check,
                               virtual_server)
from lab.daemon import build_directory
from lab.waiting import never, until

pytestmark = pytest.mark.lab

SERVICE, DIRECT_SERVICE = "TCP %s:80" % VIP, "TCP %s:80" % DIRECT_VIP
S1, S2 = "10.8.0.11:80", "10.8.0.12:80"


ALONE = 255  # the priority of a director without another: it is master at once


def addresses(priority):
    """The virtual router of a director: two addresses outside, one inside."""
    return instance(priority, vips=[VIP, DIRECT_VIP, INNER_VIP + " dev eth1"], name="front",
                    state="MASTER" if priority == ALONE else "BACKUP")


def natted(check=http_get(), lines=(), server_lines=(), **more):
    return virtual_server(VIP, 80, "NAT", [real_server("10.8.0.11", 80, check, lines=server_lines),
                                           real_server("10.8.0.12", 80, check, lines=server_lines)], lines, **more)


def routed():
    return virtual_server(DIRECT_VIP, 80, "DR", [real_server("10.9.0.11", 80, tcp_check()),
                                                 real_server("10.9.0.12", 80, tcp_check())])


def start(balancer, text):
    return balancer.start("a", global_defs() + addresses(ALONE) + text)


def said(daemon):
    """The log since the last start: it grows over those of all tests."""
    return daemon.log().rpartition("--- ")[2]


def wait_weights(balancer, wanted, service=SERVICE, timeout=10, tag="a"):
    until(lambda: balancer.table(tag).weights(service) == wanted, timeout, "%s to be %s" % (service, wanted))


def test_the_table_is_what_the_configuration_says(balancer):
    text = natted(scheduler="wrr") + routed() + virtual_server("10.9.0.100", 53, "NAT", [
        real_server("10.8.0.11", 53, weight=7), real_server("10.8.0.12", 53, weight=0)], protocol="UDP", scheduler="wlc")
    start(balancer, text)
    wait_weights(balancer, {S1: 1, S2: 1})
    wait_weights(balancer, {"10.9.0.11:80": 1, "10.9.0.12:80": 1}, DIRECT_SERVICE)
    table = balancer.table()
    assert table.services == {
        SERVICE: {S1: ("Masq", 1), S2: ("Masq", 1)},
        DIRECT_SERVICE: {"10.9.0.11:80": ("Route", 1), "10.9.0.12:80": ("Route", 1)},
        "UDP 10.9.0.100:53": {"10.8.0.11:53": ("Masq", 7), "10.8.0.12:53": ("Masq", 0)},
    }
    assert table.schedulers == {SERVICE: "wrr", DIRECT_SERVICE: "rr", "UDP 10.9.0.100:53": "wlc"}


def test_every_scheduler_of_the_kernel(balancer):
    schedulers = ["rr", "wrr", "lc", "wlc", "lblc", "lblcr", "sh", "dh", "mh", "sed", "nq", "fo", "ovf"]
    start(balancer, "".join(virtual_server(VIP, 8000 + number, "NAT", [real_server("10.8.0.11", 80)], scheduler=name)
                            for number, name in enumerate(schedulers)))
    wanted = {"TCP %s:%d" % (VIP, 8000 + number): name for number, name in enumerate(schedulers)}
    until(lambda: balancer.table().schedulers == wanted, 10, "a service with each scheduler")


@pytest.mark.parametrize("vip, text", [pytest.param(VIP, natted(), id="nat"),
                                       pytest.param(DIRECT_VIP, routed(), id="dr")])
def test_http_reaches_both_servers(balancer, vip, text):
    start(balancer, text)
    balancer.wait_master("a", vip, timeout=15)
    until(lambda: get(balancer.client, vip), 5, "a first answer")
    answers = [get(balancer.client, vip) for _ in range(10)]
    assert sorted(answers) == ["s1"] * 5 + ["s2"] * 5


def test_a_dead_server_leaves_the_table_and_returns(balancer):
    a = start(balancer, natted())
    balancer.wait_master("a", timeout=15)
    wait_weights(balancer, {S1: 1, S2: 1})
    until(lambda: "check HTTP %s /: up" % S2 in said(a), 10, "the first check: if it fails it is not repeated")
    balancer.web["s2"].stop()
    wait_weights(balancer, {S1: 1}, timeout=8)
    assert "connection refused (after 2 attempts)" in said(a), "retry 1 is one attempt more"
    assert {get(balancer.client) for _ in range(4)} == {"s1"}
    balancer.web["s2"].start()
    wait_weights(balancer, {S1: 1, S2: 1}, timeout=8)
    assert {get(balancer.client) for _ in range(4)} == {"s1", "s2"}


def test_inhibit_on_failure_sets_the_weight_to_zero(balancer):
    start(balancer, natted(server_lines=["inhibit_on_failure"]))
    wait_weights(balancer, {S1: 1, S2: 1})
    balancer.web["s2"].stop()
    wait_weights(balancer, {S1: 1, S2: 0}, timeout=8)
    balancer.web["s2"].start()
    wait_weights(balancer, {S1: 1, S2: 1}, timeout=8)


def test_the_reason_is_in_words(balancer):
    a = start(balancer, natted(check=http_get(path="/", status="204", retry=0)))
    until(lambda: re.search(r"status 200, wanted 204", said(a)), 8, "the reason of the failure")
    balancer.web["s2"].stop()
    until(lambda: "connection refused" in said(a), 8, "the reason of the refusal")


def test_a_reload_touches_only_the_change(balancer):
    a = start(balancer, natted() + routed())
    wait_weights(balancer, {S1: 1, S2: 1})
    wait_weights(balancer, {"10.9.0.11:80": 1, "10.9.0.12:80": 1}, DIRECT_SERVICE)
    balancer.wait_master("a", timeout=15)
    # The kernel's counters live as long as a server's entry: whoever is deleted and added again starts at zero.
    until(lambda: get(balancer.client), 5, "an answer")
    assert all(get(balancer.client) for _ in range(5))
    box = balancer.boxes["a"]

    def connections():
        text = box.run("ipvsadm", "-Ln", "--stats", "--exact")
        return {words[1]: int(words[2]) for words in (line.split() for line in text.splitlines())
                if len(words) > 3 and words[0] in ("TCP", "->") and words[2].isdigit()}

    until(lambda: connections().get(S1, 0) >= 3, 5, "the kernel's counters")
    before = connections()
    mark = len(a.log())
    a.reload(global_defs() + addresses(ALONE) + natted() + routed().replace("weight 1", "weight 3", 1))
    wait_weights(balancer, {"10.9.0.11:80": 3, "10.9.0.12:80": 1}, DIRECT_SERVICE)
    after = connections()
    assert all(after[name] >= before[name] for name in before), "%s -> %s" % (before, after)
    removed = [line for line in a.log()[mark:].splitlines() if "removed" in line.lower() and S1 in line]
    assert not removed
    a.reload(global_defs() + addresses(ALONE) + natted())
    until(lambda: DIRECT_SERVICE not in balancer.table().services, 5, "the removed service to go")
    assert balancer.table().weights(SERVICE) == {S1: 1, S2: 1}
    assert connections()[S1] >= before[S1]


def test_what_is_new_goes_ahead_of_the_whole(balancer):
    """Of a block that changed, one that went and one that came the kernel hears before the rest is read again, of
    a text that is refused nothing."""
    natted_80, added = natted(), virtual_server(VIP, 81, "NAT", [real_server("10.8.0.11", 81)])
    a = start(balancer, natted_80 + routed())
    wait_weights(balancer, {S1: 1, S2: 1})

    def reload(text, outcome="the new configuration is in force"):
        mark = len(a.log())
        a.reload(global_defs() + addresses(ALONE) + text)
        a.wait_for_log(outcome, timeout=30, start=mark)
        return [tuple(map(int, numbers)) for numbers in
                re.findall(r"reloaded: (\d+) commands to IPVS, (\d+) of them ahead", a.log()[mark:])]

    reload(natted_80.replace("weight 1", "weight 2", 1) + routed())  # then its reader has left a record for sure
    wait_weights(balancer, {S1: 2, S2: 1})
    assert reload(natted_80.replace("weight 1", "weight 3", 1) + routed()) == [(1, 1)]
    assert reload(natted_80 + "# only a comment\n" + routed()) == [(1, 1)]
    assert reload(natted_80 + routed()) == [(0, 0)]
    assert reload(added + natted_80) == [(3, 3)]  # a service goes; another comes, with its server
    wait_weights(balancer, {S1: 1, S2: 1})
    wait_weights(balancer, {"10.8.0.11:81": 1}, "TCP %s:81" % VIP)
    assert DIRECT_SERVICE not in balancer.table().services
    table = balancer.table().services
    assert reload(natted_80.replace("weight 1", "weight 9", 1) + added.rstrip().rstrip("}"),
                  "the configuration in force stays") == []
    assert balancer.table().services == table
    assert reload(added + natted_80 + routed()) == [(3, 3)]


def test_the_table_is_adopted_after_a_kill(balancer):
    a = start(balancer, natted())
    wait_weights(balancer, {S1: 1, S2: 1})
    balancer.wait_master("a", timeout=15)
    assert get(balancer.client)
    a.kill_all()
    assert balancer.table().weights(SERVICE) == {S1: 1, S2: 1}, "a kill emptied the table"
    balancer.web["s2"].stop()
    # What the configuration no longer has must go, though this process never added it.
    a.configure(global_defs() + addresses(ALONE) + natted().replace("10.8.0.12", "10.8.0.13"))
    a.start()
    until(lambda: S2 not in (balancer.table().weights(SERVICE) or {S2: 0}), 10, "the stale server to go")
    assert S1 in balancer.table().weights(SERVICE)


def test_a_service_of_the_past_goes_after_a_kill(balancer):
    a = start(balancer, natted() + routed())
    wait_weights(balancer, {S1: 1, S2: 1})
    until(lambda: balancer.table().weights(DIRECT_SERVICE), 5, "the second service")
    a.kill_all()
    a.configure(global_defs() + addresses(ALONE) + natted())
    a.start()
    until(lambda: DIRECT_SERVICE not in balancer.table().services, 10, "our stale service to go")


def test_other_peoples_entries_stay(balancer):
    box = balancer.boxes["a"]
    box.run("ipvsadm", "-A", "-t", "10.9.0.77:8080", "-s", "rr")
    box.run("ipvsadm", "-a", "-t", "10.9.0.77:8080", "-r", "10.8.0.11:8080", "-m")
    foreign = {"10.8.0.11:8080": ("Masq", 1)}
    a = start(balancer, natted())
    wait_weights(balancer, {S1: 1, S2: 1})
    a.reload(global_defs() + addresses(ALONE) + natted(scheduler="wlc"))
    until(lambda: balancer.table().schedulers.get(SERVICE) == "wlc", 5, "the reload")
    assert balancer.table().services["TCP 10.9.0.77:8080"] == foreign
    a.stop()
    assert balancer.table().services == {"TCP 10.9.0.77:8080": foreign}


def test_what_somebody_changed_is_back_within_ten_seconds(balancer):
    """A service is harmed in each way, all at once: one round of the director's audit is waited for. Then all is removed."""
    harms = ["-d -t %s:81 -r " + S2, "-D -t %s:82", "-e -t %s:83 -r " + S2 + " -m -w 9", "-E -t %s:84 -s sh"]
    start(balancer, "".join(virtual_server(VIP, 81 + number, "NAT", [real_server("10.8.0.11", 80),
                                                                     real_server("10.8.0.12", 80)])
                            for number in range(len(harms))))
    wanted = {"TCP %s:%d" % (VIP, 81 + number): {S1: ("Masq", 1), S2: ("Masq", 1)} for number in range(len(harms))}

    def is_ours():
        table = balancer.table()
        return table.services == wanted and set(table.schedulers.values()) == {"rr"}

    until(is_ours, 10, "the table")
    box = balancer.boxes["a"]
    subprocess.run(box.command("ipvsadm", "-R"), input="".join(harm % VIP + "\n" for harm in harms), text=True, check=True)
    until(is_ours, 11, "the table to be ours again")
    box.run("ipvsadm", "-C")
    until(is_ours, 11, "everything to be back")


@pytest.mark.parametrize("role", ["director", "checker"])
def test_a_killed_process_changes_nothing_in_the_table(balancer, role):
    a = start(balancer, natted())
    wait_weights(balancer, {S1: 1, S2: 1})
    balancer.web["s2"].stop()
    wait_weights(balancer, {S1: 1})
    victim = a.child(role)
    os.kill(victim, signal.SIGKILL)
    until(lambda: a.child(role) not in (None, victim), 10, "the successor")
    never(lambda: balancer.table().weights(SERVICE) != {S1: 1}, 3, "the table changed")
    balancer.web["s2"].start()
    wait_weights(balancer, {S1: 1, S2: 1}, timeout=8)


def test_a_graceful_stop_empties_the_table_after_the_vip_is_gone(balancer):
    a = start(balancer, natted())
    wait_weights(balancer, {S1: 1, S2: 1})
    balancer.wait_master("a", timeout=15)
    a.stop()
    assert not balancer.has("a")
    assert balancer.table().services == {}


def test_failover_of_a_pair_goes_on_serving(balancer):
    for tag, priority in (("a", 200), ("b", 100)):
        text = global_defs() + addresses(priority) + natted()
        balancer.start(tag, text)
    balancer.wait_master("a", timeout=15)
    for tag in "ab":
        wait_weights(balancer, {S1: 1, S2: 1}, tag=tag)
    assert get(balancer.client)
    balancer.daemons["a"].kill_all()
    balancer.wait_master("b", timeout=8)
    until(lambda: get(balancer.client), 3, "an answer by way of b")


def test_quorum_scripts_run(balancer):
    diary = balancer.path("quorum-diary")
    for word in ("up", "down"):
        path = balancer.path("quorum-" + word)
        with open(path, "w") as file:
            file.write("#!/bin/sh\necho %s >>%s\n" % (word, diary))
        os.chmod(path, 0o755)
    start(balancer, natted(lines=['quorum_up "%s"' % balancer.path("quorum-up"),
                                  'quorum_down "%s"' % balancer.path("quorum-down")]))
    wait_weights(balancer, {S1: 1, S2: 1})
    for tag in ("s1", "s2"):
        balancer.web[tag].stop()
    until(lambda: os.path.exists(diary) and "down\n" in open(diary).read(), 10, "quorum_down to run")
    balancer.web["s1"].start()
    until(lambda: open(diary).read().split()[-2:] == ["down", "up"], 10, "quorum_up to run")


def kernel_plan(daemon, *words):
    """The changes of tandemctl plan --against-kernel, as (object, before, after)."""
    program = os.path.join(build_directory(), "tandemctl")
    done = subprocess.run([program, "-p", daemon.pid_file, "-j", "plan", "-k"] + list(words), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    assert done.returncode in (0, 1), done.stderr
    return [(change["object"], change.get("before"), change.get("after")) for change in json.loads(done.stdout)["changes"]]


def shows(balancer, daemon, command, wanted):
    """What somebody does to the table is in the plan; an audit may be faster, so it is done again until it is seen."""
    balancer.boxes["a"].run("ipvsadm", *command.split(), check=False)
    return wanted in kernel_plan(daemon)


def test_the_plan_shows_what_others_did_to_the_table(balancer):
    text = natted(scheduler="wrr") + routed()
    daemon = start(balancer, text)
    wait_weights(balancer, {S1: 1, S2: 1}, timeout=40)
    wait_weights(balancer, {"10.9.0.11:80": 1, "10.9.0.12:80": 1}, DIRECT_SERVICE, 40)
    until(lambda: kernel_plan(daemon) == [], 30, "nothing to do")
    service = "IPVS %s:80 TCP" % VIP
    one, direct = "real_server %s NAT weight " % S1, "real_server 10.9.0.12:80 DR weight 1"
    for command, wanted in (("-d -t %s:80 -r %s" % (VIP, S1), (service, None, one + "1")),
                            ("-e -t %s:80 -r %s -m -w 9" % (VIP, S1), (service, one + "9", one + "1")),
                            ("-a -t %s:80 -r 10.8.0.13:80 -m" % VIP, (service, "real_server 10.8.0.13:80 NAT weight 1", None)),
                            ("-E -t %s:80 -s lc" % VIP, (service, "scheduler lc", "scheduler wrr")),
                            ("-D -t %s:80" % DIRECT_VIP, ("IPVS %s:80 TCP" % DIRECT_VIP, None, direct))):
        until(lambda: shows(balancer, daemon, command, wanted), 60, "%s to be seen as %s" % (command, wanted))
    balancer.boxes["a"].run("ipvsadm", "-A", "-t", "10.9.0.99:80")
    until(lambda: kernel_plan(daemon) == [], 60, "all to be mended, and another's service not to matter")
    balancer.boxes["a"].run("ipvsadm", "-D", "-t", "10.9.0.99:80")


def test_the_plan_shows_what_a_file_would_do_to_the_table(balancer):
    daemon = start(balancer, natted() + routed())
    wait_weights(balancer, {S1: 1, S2: 1}, timeout=40)
    wait_weights(balancer, {"10.9.0.11:80": 1, "10.9.0.12:80": 1}, DIRECT_SERVICE, 40)
    until(lambda: kernel_plan(daemon) == [], 30, "nothing to do")
    path = balancer.path("candidate.conf")
    with open(path, "w") as file:
        file.write(global_defs() + addresses(ALONE) + natted(server_lines=["weight 4"]).replace("10.8.0.12", "10.8.0.13"))
    service, direct = "IPVS %s:80 TCP" % VIP, "IPVS %s:80 TCP" % DIRECT_VIP
    assert set(kernel_plan(daemon, path)) == {
        (service, "real_server %s NAT weight 1" % S1, "real_server %s NAT weight 4" % S1),
        (service, None, "real_server 10.8.0.13:80 NAT weight 4"),
        (service, "real_server %s NAT weight 1" % S2, None),
        (direct, "scheduler rr", None)}
