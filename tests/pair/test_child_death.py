"""Each process but the supervisor is killed, again and again; nobody outside notices."""
import os
import signal
import time

import pytest

from lab.configuration import global_defs, instance, real_server, tcp_check, virtual_server
from lab.daemon import is_alive, is_sanitized, program
from lab.timers import lease, master_down, skew
from lab.waiting import until

pytestmark = pytest.mark.host

VIP = "10.9.0.100"
KILLS = 20
POISON_S = 10  # a process that dies three times within it is a poison


def conf(priority, advert_int=1):
    """One that needs every process: a script, a virtual server and a check."""
    return (global_defs() + instance(priority, advert_int=advert_int, lines=['notify "/bin/true"'])
            + virtual_server(VIP, 80, "NAT", [real_server("127.0.0.1", 80, tcp_check())]))


def kill_and_await_end(daemon, role):
    """Kills the process, which may first have to come; its id."""
    victim = until(lambda: daemon.child(role), 10, "the process tandem-" + role)
    os.kill(victim, signal.SIGKILL)
    until(lambda: not is_alive(victim), 5, "the killed process to be gone")
    return victim


def kill_and_await_successor(daemon, role):
    victim = kill_and_await_end(daemon, role)
    until(lambda: daemon.child(role) not in (None, victim), 10, "the successor of tandem-" + role)


def unexcused(removals, stalls):
    """A lease, renewed every third of it, ends by the machine's fault where it stood still for half of it."""
    return [time for time in removals if stalls.longest(time - lease(), time) < lease() / 2]


@pytest.mark.long
@pytest.mark.parametrize("roles", [("vrrp", "links"), ("director", "checker", "scripts", "ctl")], ids="+".join)
def test_killed_children_are_replaced_unnoticed(pair, stalls, roles):
    """Each 20 times, in turns; at ever other moments of the advert interval, and further apart than a poison's deaths."""
    a, _ = pair.both(conf(200), conf(100))
    until(lambda: set(a.roles()) >= {"tandem-" + role for role in roles}, 10, "the processes")
    until(lambda: len(pair.capture["a"].adverts) >= 2, 5, "a second advert")
    begin = pair.capture["a"].adverts[-1].time
    due = dict.fromkeys(roles, 0.0)
    for number in range(KILLS):
        for role in roles:
            time.sleep(max(0.0, due[role] - time.monotonic()))
            kill_and_await_successor(a, role)
            # From when it was dead for all to see, whenever that was: a slow round must not bring two deaths closer.
            due[role] = time.monotonic() + POISON_S / 2 + 0.5 + 0.037 * number
            time.sleep(POISON_S / 4 / len(roles))
    assert a.is_running()
    adverts = pair.capture["a"].since(begin)
    gap = stalls.longest_gap(adverts)
    assert gap < (master_down(100) if is_sanitized() else 1.5), "a gap of %.2f s between adverts" % gap
    assert {advert.priority for advert in adverts} == {200}
    assert not unexcused(pair.addresses["a"].removals(VIP, begin), stalls), "the VIP was absent"
    assert not pair.capture["b"].since(begin), "b became master"
    assert not [e for e in pair.addresses["b"].events if e.address == VIP]


@pytest.mark.parametrize("role", ["vrrp", "links"])
def test_a_child_that_hangs_is_replaced_before_the_peer_takes_over(pair, role):
    """While links hangs nobody renews the lease, so the VIP may be gone for the moment until links is replaced. A hang is found
    after two seconds; a sanitized successor needs the longer lease that goes with adverts two seconds apart."""
    advert_int = 2 if is_sanitized() else 1
    a, _ = pair.both(conf(200, advert_int=advert_int), conf(100, advert_int=advert_int))
    until(lambda: len(pair.capture["a"].adverts) >= 3, 10, "a third advert")
    begin = pair.capture["a"].adverts[-1].time
    victim = a.child(role)
    os.kill(victim, signal.SIGSTOP)
    until(lambda: not is_alive(victim), 4, "the hanging process to be killed")
    until(lambda: a.child(role) not in (None, victim), 5, "its successor")
    replaced = time.time()
    until(lambda: len(pair.capture["a"].since(replaced)) >= 3, 10, "adverts afterwards")
    until(lambda: pair.has("a"), 5, "the VIP to be there")
    assert "has not moved" in a.log()
    assert not pair.capture["b"].since(begin), "b became master"
    if role != "links":
        assert not pair.addresses["a"].removals(VIP, begin), "the VIP was absent"
    assert {advert.priority for advert in pair.capture["a"].since(begin)} == {200}


def test_a_child_that_dies_again_and_again_withdraws_the_vips(pair):
    """At the third death in ten seconds; and as restarts back off further, b takes over."""
    a, _ = pair.both(conf(200), conf(100))
    begin = time.time()
    for _ in range(3):
        assert not pair.addresses["a"].removals(VIP, begin), "withdrawn before the third death"
        kill_and_await_end(a, "vrrp")
    until(lambda: pair.addresses["a"].removals(VIP, begin), 5, "the VIP to be withdrawn")
    a.wait_for_log("the virtual addresses are withdrawn")
    for _ in range(2):
        kill_and_await_end(a, "vrrp")
    pair.wait_master("b")
    assert not pair.has("a")
    assert a.is_running()


def test_links_that_dies_again_and_again_is_a_fault(pair, stalls):
    """Nobody could put the VIPs on or off: a says so, its peer takes over at once, and the lease takes care of the rest."""
    a, _ = pair.both(conf(200), conf(100))
    begin = time.time()
    for _ in range(3):
        assert not pair.has("b"), "b took over before the third death"
        kill_and_await_end(a, "links")
    farewell = until(lambda: [x for x in pair.capture["a"].since(begin) if x.priority == 0], 5, "a farewell")[0].time
    until(lambda: pair.has("b"), 5, "b to take over")
    first = until(lambda: [x for x in pair.capture["b"].since(farewell) if x.priority > 0], 5, "its adverts")[0].time
    assert first - farewell < skew(100) + 1 + stalls.within(farewell, first), "b waited although it was told"
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

    def told():
        if not os.path.exists(diary):
            return []
        with open(diary) as file:
            return file.read().split()

    until(lambda: told() == ["BACKUP", "MASTER"], 15, "the scripts of the start")
    kill_and_await_successor(a, "scripts")
    pair.network.unplug(pair.boxes["a"])
    until(lambda: told()[-1:] == ["FAULT"], 5, "the script of FAULT")
    assert told() == ["BACKUP", "MASTER", "FAULT"], "an event was lost or told twice"


def test_the_supervisors_death_stops_the_children_gracefully(pair):
    a, _ = pair.both(conf(200), conf(100))
    children = a.processes()[1:]
    assert children and all(program(pid).startswith("tandem-") for pid in children)
    begin = time.time()
    os.kill(a.process.pid, signal.SIGKILL)
    a.process.wait()
    until(lambda: [x for x in pair.capture["a"].since(begin) if x.priority == 0], 5, "a farewell")
    until(lambda: pair.addresses["a"].removals(VIP, begin), 5, "the VIP to be put away")
    pair.wait_master("b")
    until(lambda: not a.survivors(), 10, "the children to end")
