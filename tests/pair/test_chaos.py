"""Reloads and deaths in any order: afterwards the daemon does what its last configuration says."""
import os
import random
import signal
import time

import pytest

from lab.configuration import global_defs, instance, real_server, tcp_check, virtual_server
from lab.waiting import until

pytestmark = pytest.mark.host

STORM_S = 20
LONGEST_BACKOFF_S = 60  # of a process that died too often
LEASE_S = 3


def server(number, dice):
    servers = [real_server("127.0.0.1", 80 + port, tcp_check(),
                           lines=['notify_up "/bin/true"'] if dice.random() < 0.2 else []) for port in range(3)]
    return virtual_server("10.9.3.%d" % number, 80, "NAT", servers)


def some_configuration(dice):
    """(text, the addresses that it wants); often one that needs no process of a role, or much larger boards."""
    wanted = ["10.9.2.%d" % (number + 1) for number in range(dice.choice([0, 1, 1, 3, 90]))]
    text = global_defs()
    for vrid, address in enumerate(wanted, 1):
        text += instance(200, vips=[address], vrid=vrid,
                         lines=['notify "/bin/true"'] if dice.random() < 0.3 else [])
    for number in range(dice.choice([0, 0, 1, 5, 120])):
        text += server(number + 1, dice)
    return text, set(wanted)


def kill_one(daemon, dice):
    children = daemon.processes()[1:]
    try:
        if children:
            os.kill(dice.choice(children), signal.SIGKILL)
    except ProcessLookupError:
        pass


@pytest.mark.parametrize("seed", [1, 2])
def test_reloads_and_deaths_in_any_order(pair, seed):
    dice = random.Random(seed)
    text, wanted = some_configuration(dice)
    a = pair.start("a", text)
    a.wait_for_log("runs with")
    end = time.monotonic() + STORM_S
    while time.monotonic() < end:
        time.sleep(dice.choice([0, 0.01, 0.05, 0.3, 1]))
        assert a.is_running()
        if dice.random() < 0.5:
            text, wanted = some_configuration(dice)
            a.reload(text)
        else:
            kill_one(a, dice)
    a.reload(text)  # the reader of the last one may have been killed
    until(lambda: pair.addresses["a"].held == wanted, LONGEST_BACKOFF_S + 15, "the addresses of the last configuration")
    time.sleep(LEASE_S + 1)
    assert pair.addresses["a"].held == wanted, "they did not last"
    a.stop()
    assert a.process.returncode == 0
    assert not pair.addresses["a"].held
