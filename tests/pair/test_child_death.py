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


def conf(priority):
    """One that needs every process: a script, a virtual server and a check."""
    return (global_defs() + instance(priority, lines=['notify "/bin/true"'])
            + virtual_server(VIP, 80, "NAT", [real_server("127.0.0.1", 80, tcp_check())]))


@pytest.mark.parametrize("role", ["vrrp", "links", "director", "checker", "scripts", "ctl"])
def test_a_killed_child_is_replaced_unnoticed(pair, role):
    a, _ = pair.both(conf(200), conf(100))
    until(lambda: a.child(role), 10, "the process tandem-" + role)
    until(lambda: len(pair.capture["a"].adverts) >= 2, 5, "a second advert")
    begin = pair.capture["a"].adverts[-1].time
    for number in range(KILLS):
        victim = until(lambda: a.child(role), 10, "a successor of tandem-" + role)
        os.kill(victim, signal.SIGKILL)
        until(lambda: not is_alive(victim), 2, "the killed process to be gone")
        until(lambda: a.child(role) not in (None, victim), 10, "the successor")
        # Three deaths in ten seconds are a poison; and the kills fall into every part of the advert interval.
        time.sleep(4.0 + 0.05 * number)
    assert a.is_running()
    adverts = pair.capture["a"].since(begin)
    gaps = [later.time - earlier.time for earlier, later in zip(adverts, adverts[1:])]
    assert max(gaps) < 1.5, "a gap of %.2f s between adverts" % max(gaps)
    assert {advert.priority for advert in adverts} == {200}
    assert not pair.addresses["a"].removals(VIP, begin), "the VIP was absent"
    assert not pair.capture["b"].since(begin), "b became master"
    assert not [e for e in pair.addresses["b"].events if e.address == VIP]


def test_three_deaths_in_ten_seconds_withdraw_the_vips(pair):
    a, _ = pair.both(conf(200), conf(100))
    begin = time.time()
    for _ in range(3):
        victim = until(lambda: a.child("vrrp"), 10, "tandem-vrrp")
        os.kill(victim, signal.SIGKILL)
        until(lambda: a.child("vrrp") != victim, 10, "its end")
    until(lambda: pair.addresses["a"].removals(VIP, begin), 5, "the VIP to be withdrawn")
    pair.wait_master("b")
    assert a.is_running() and "tandem-vrrp" in a.log() or "vrrp" in a.log()


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
