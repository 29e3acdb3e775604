"""tandemctl upgrade of a director that serves: the table, its counters and what is known of the servers stay."""
import time

import pytest

from ipvs.test_balancer import ALONE, S1, S2, SERVICE, addresses, natted, wait_weights
from lab.balancer import get
from lab.configuration import global_defs
from lab.programs import NEXT_VERSION, Installation
from lab.waiting import never, until

pytestmark = pytest.mark.lab


def connections(balancer):
    """{entry: connections it ever had}: an entry that is deleted and added again starts at zero."""
    text = balancer.boxes["a"].run("ipvsadm", "-Ln", "--stats", "--exact")
    return {words[1]: int(words[2]) for words in (line.split() for line in text.splitlines())
            if len(words) > 3 and words[0] in ("TCP", "->") and words[2].isdigit()}


def test_an_upgrade_changes_nothing_in_the_table(balancer):
    installed = Installation(balancer.path("programs"))
    a = balancer.start("a", global_defs() + addresses(ALONE) + natted(), command=installed.command)
    wait_weights(balancer, {S1: 1, S2: 1})
    balancer.web["s2"].stop()
    wait_weights(balancer, {S1: 1})
    balancer.wait_master("a", timeout=15)
    until(lambda: get(balancer.client), 5, "an answer")
    assert all(get(balancer.client) for _ in range(5))
    until(lambda: connections(balancer).get(S1, 0) >= 3, 5, "the kernel's counters")
    before = connections(balancer)
    begin = time.time()
    installed.install(NEXT_VERSION)
    status, said = installed.tandemctl(a, "upgrade")
    assert (status, NEXT_VERSION in said) == (0, True), said
    never(lambda: balancer.table().weights(SERVICE) != {S1: 1}, 3, "the table changed: a dead server was put back")
    assert all(connections(balancer)[name] >= count for name, count in before.items())
    assert all(get(balancer.client) for _ in range(5))
    assert not balancer.addresses["a"].removals("10.9.0.100", begin)
    balancer.web["s2"].start()
    wait_weights(balancer, {S1: 1, S2: 1}, timeout=10)
