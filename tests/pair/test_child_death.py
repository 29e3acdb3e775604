"""Each process but the supervisor is killed, again and again; nobody outside notices."""
import os
import signal
import time

import pytest

from lab.configuration import global_defs, instance, real_server, tcp_check, virtual_server
from lab.daemon import is_alive, program
from lab.waiting import until

pytestmark = pytest.mark.host

VIP = "10.9.0.100"
KILLS = 20
POISON_S = 10  # a process that dies three times within it is a poison


def conf(priority):
    """One that needs every process: a script, a virtual server and a check."""
    return (global_defs() + instance(priority, lines=['notify "/bin/true"'])
            + virtual_server(VIP, 80, "NAT", [real_server("127.0.0.1", 80, tcp_check())]))


def kill_and_await_end(daemon, role):
    """Kills the process, which may first have to come; its id."""
    victim = until(lambda: daemon.child(role), 10, "the process tandem-" + role)
    os.kill(victim, signal.SIGKILL)
    until(lambda: not is_alive(victim), 2, "the killed process to be gone")
    return victim


def kill_and_await_successor(daemon, role):
    victim = kill_and_await_end(daemon, role)
    until(lambda: daemon.child(role) not in (None, victim), 10, "the successor of tandem-" + role)


@pytest.mark.long
@pytest.mark.parametrize("roles", [("vrrp", "links"), ("director", "checker", "scripts", "ctl")], ids="+".join)
def test_killed_children_are_replaced_unnoticed(pair, roles):
    """Each 20 times, in turns; at ever other moments of the advert interval, and further apart than a poison's deaths."""
    a, _ = pair.both(conf(200), conf(100))
    until(lambda: set(a.roles()) >= {"tandem-" + role for role in roles}, 10, "the processes")
    until(lambda: len(pair.capture["a"].adverts) >= 2, 5, "a second advert")
    begin = pair.capture["a"].adverts[-1].time
    for number in range(KILLS):
        round_end = time.monotonic() + POISON_S / 2 + 0.05 + 0.037 * number
        for role in roles:
            kill_and_await_successor(a, role)
            time.sleep(max(0.0, round_end - time.monotonic()) / (2 * len(roles)))
        time.sleep(max(0.0, round_end - time.monotonic()))
    assert a.is_running()
    adverts = pair.capture["a"].since(begin)
    gaps = [later.time - earlier.time for earlier, later in zip(adverts, adverts[1:])]
    assert max(gaps) < 1.5, "a gap of %.2f s between adverts" % max(gaps)
    assert {advert.priority for advert in adverts} == {200}
    assert not pair.addresses["a"].removals(VIP, begin), "the VIP was absent"
    assert not pair.capture["b"].since(begin), "b became master"
    assert not [e for e in pair.addresses["b"].events if e.address == VIP]


@pytest.mark.parametrize("role", ["vrrp", "links"])
def test_a_child_that_hangs_is_replaced_before_the_peer_takes_over(pair, role):
    """While links hangs nobody renews the lease, so the VIP may be gone for the moment until links is replaced."""
    a, _ = pair.both(conf(200), conf(100))
    until(lambda: len(pair.capture["a"].adverts) >= 3, 5, "a third advert")
    begin = pair.capture["a"].adverts[-1].time
    victim = a.child(role)
    os.kill(victim, signal.SIGSTOP)
    until(lambda: not is_alive(victim), 4, "the hanging process to be killed")
    until(lambda: a.child(role) not in (None, victim), 2, "its successor")
    time.sleep(3)
    assert "has not moved" in a.log()
    assert not pair.capture["b"].since(begin), "b became master"
    if role != "links":
        assert not pair.addresses["a"].removals(VIP, begin), "the VIP was absent"
    assert pair.has("a")
    adverts = [advert for advert in pair.capture["a"].since(begin) if advert.priority > 0]
    assert adverts and adverts[-1].time > time.time() - 1.2


def test_a_child_that_dies_again_and_again_withdraws_the_vips(pair):
    """At the third death in ten seconds; and as restarts back off further, b takes over."""
    a, _ = pair.both(conf(200), conf(100))
    begin = time.time()
    for _ in range(3):
        assert not pair.addresses["a"].removals(VIP, begin), "withdrawn before the third death"
        kill_and_await_end(a, "vrrp")
    until(lambda: pair.addresses["a"].removals(VIP, begin), 0.5, "the VIP to be withdrawn")
    for _ in range(2):
        kill_and_await_end(a, "vrrp")
    pair.wait_master("b")
    assert not pair.has("a")
    assert a.is_running()


def test_links_that_dies_again_and_again_is_a_fault(pair):
    """Nobody could put the VIPs on or off: a says so, its peer takes over at once, and the lease takes care of the rest."""
    a, _ = pair.both(conf(200), conf(100))
    for _ in range(3):
        assert not pair.has("b"), "b took over before the third death"
        kill_and_await_end(a, "links")
    third = time.time()
    until(lambda: [x for x in pair.capture["a"].since(third - 0.5) if x.priority == 0], 0.5, "a farewell")
    until(lambda: pair.has("b"), 2, "b to take over")
    until(lambda: not pair.has("a"), 5, "the VIP on a to end")
    assert "died 3 times" in a.log()
    until(lambda: pair.has("a") and not pair.has("b"), 20, "a to be master again when links stays alive")


def test_scripts_run_after_their_process_was_replaced(pair):
    diary = pair.path("diary")
    script = pair.path("script")
    with open(script, "w") as file:
        file.write('#!/bin/sh\necho "$3" >>%s\n' % diary)
    os.chmod(script, 0o755)
    a = pair.start("a", global_defs() + instance(200, lines=['notify "%s"' % script]))
    pair.wait_master("a")
    kill_and_await_successor(a, "scripts")
    pair.network.unplug(pair.boxes["a"])
    until(lambda: open(diary).read().split()[-1:] == ["FAULT"], 5, "the script of FAULT")
    assert open(diary).read().split() == ["BACKUP", "MASTER", "FAULT"], "an event was lost or told twice"


def test_the_supervisors_death_stops_the_children_gracefully(pair):
    a, _ = pair.both(conf(200), conf(100))
    children = a.processes()[1:]
    assert children and all(program(pid).startswith("tandem-") for pid in children)
    begin = time.time()
    os.kill(a.process.pid, signal.SIGKILL)
    a.process.wait()
    until(lambda: [x for x in pair.capture["a"].since(begin) if x.priority == 0], 2, "a farewell")
    until(lambda: pair.addresses["a"].removals(VIP, begin), 2, "the VIP to be put away")
    pair.wait_master("b", timeout=3)
    until(lambda: not a.survivors(), 10, "the children to end")
