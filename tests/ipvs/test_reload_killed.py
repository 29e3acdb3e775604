"""The reader, or the director, is killed in the midst of a reload: what is in force is one configuration or the other."""
import os
import signal
import subprocess

import pytest

from lab.balancer import VIP
from lab.configuration import global_defs, instance, real_server, virtual_server
from lab.daemon import build_directory, is_alive
from lab.waiting import until

pytestmark = pytest.mark.lab

PATIENCE = 60
SERVICES = 60
ATTEMPTS = 10
PADDING = "# a line that takes the reader some time\n" * 100000


def text_of(first, weight, padding=1):
    """Services on so many ports from the first on; at the end, what takes so much time to read."""
    return (global_defs() + instance(255, vips=[VIP], name="front", state="MASTER")
            + "".join(virtual_server(VIP, first + number, "NAT", [real_server("10.8.0.11", 80, weight=weight)])
                      for number in range(SERVICES)) + PADDING * padding)


def table_of(first, weight):
    return {"TCP %s:%d" % (VIP, first + number): {"10.8.0.11:80": ("Masq", weight)} for number in range(SERVICES)}


OLD, NEW = (1000, 1), (1000 + SERVICES // 2, 2)  # one half of the services stays, with other weights


class Reload:
    """tandemctl reload, which waits for the outcome."""

    def __init__(self, daemon, which, padding=1):
        daemon.configure(text_of(*which, padding))
        self.process = subprocess.Popen([build_directory() + "/tandemctl", "-p", daemon.pid_file, "reload"],
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def is_over(self):
        return self.process.poll() is not None

    def outcome(self):
        """Whether the new configuration is in force, and what was said."""
        said = self.process.communicate(timeout=PATIENCE)[0]
        return self.process.returncode == 0, said


def kill(daemon, role, reload):
    """Kills the process of that role while the reload is under way; whether there was one."""
    victim = until(lambda: daemon.child(role) or reload.is_over() and -1, PATIENCE, "tandem-" + role)
    if victim == -1 or reload.is_over():
        return False
    try:
        os.kill(victim, signal.SIGKILL)
    except ProcessLookupError:
        return False
    until(lambda: not is_alive(victim), PATIENCE, "the killed process to be gone")
    return True


def wait_table(balancer, which):
    until(lambda: balancer.table().services == table_of(*which), PATIENCE, "the table of %d" % which[0])


def test_what_is_in_force_is_whole(balancer):
    a = balancer.start("a", text_of(*OLD))
    wait_table(balancer, OLD)
    for attempt in range(ATTEMPTS):  # the reader may be faster than we: then it gets more to read
        reload = Reload(a, NEW, padding=attempt + 1)
        killed = kill(a, "reader", reload)
        taken, said = reload.outcome()
        assert taken or killed, said
        assert taken or "reader" in said, said
        wait_table(balancer, NEW if taken else OLD)
        if not taken:
            break
        assert Reload(a, OLD).outcome()[0]
        wait_table(balancer, OLD)
    else:
        pytest.fail("no reader was killed before it was done")
    reload = Reload(a, NEW)
    kill(a, "director", reload)
    taken, said = reload.outcome()
    wait_table(balancer, NEW if taken else OLD)
    taken, said = Reload(a, OLD).outcome()
    assert taken, said
    wait_table(balancer, OLD)
    assert a.is_running()
