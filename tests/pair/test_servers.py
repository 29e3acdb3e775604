"""Real and virtual servers: whose scripts run when, and what status says of them. No IPVS is needed: the director
decides and tells without it."""
import json
import os
import subprocess

import pytest

from lab.configuration import block, global_defs, instance, tcp_check
from lab.daemon import build_directory
from lab.waiting import never, until

pytestmark = pytest.mark.host

DEAD = "127.0.0.1 9"  # nobody listens there: a check fails at once


class Diary:
    """Scripts that write their name when they run."""

    def __init__(self, pair):
        self.directory = pair.path("scripts")
        os.mkdir(self.directory)
        self.file = os.path.join(self.directory, "diary")
        open(self.file, "w").close()

    def run(self, keyword, name):
        """The line of a configuration whose script writes that name."""
        path = os.path.join(self.directory, name)
        with open(path, "w") as file:
            file.write("#!/bin/sh\necho %s >>%s\n" % (name, self.file))
        os.chmod(path, 0o755)
        return '%s "%s"' % (keyword, path)

    def lines(self):
        with open(self.file) as file:
            return file.read().split()

    def wait(self, *names):
        until(lambda: sorted(self.lines()) == sorted(names), 10, "just %s to have run" % (names,))

    def clear(self):
        open(self.file, "w").close()


def real(diary, address, *lines):
    name = address.split()[0].rpartition(".")[2]
    return block("real_server " + address, [diary.run("notify_up", "up" + name),
                                            diary.run("notify_down", "down" + name)] + list(lines))


def virtual(diary, *lines, what="192.0.2.1 80"):
    return block("virtual_server " + what, ["delay_loop 1", "lvs_sched rr", "lvs_method NAT", "protocol TCP",
                                            diary.run("quorum_up", "gained"), diary.run("quorum_down", "lost")] +
                 list(lines)) + "\n"


def ready(daemon):
    daemon.wait_for_log("tandem")
    until(lambda: "runs with" in daemon.log(), 10, "the daemon to run")


def reload(daemon, text):
    """Returns when the new configuration is in force: reloads that overtake each other would become one."""
    mark = len(daemon.log())
    daemon.reload(text)
    daemon.wait_for_log("the new configuration is in force", start=mark)


def test_a_removed_server_runs_its_scripts_of_the_old_configuration(pair):
    """The new configuration no longer knows the scripts: they run all the same, the virtual server's too."""
    diary = Diary(pair)
    one, two = real(diary, "10.0.0.1 80"), real(diary, "10.0.0.2 80")
    a = pair.start("a", global_defs() + virtual(diary, one, two))
    ready(a)
    assert diary.lines() == []  # the start is silent
    reload(a, global_defs() + virtual(diary, one))
    diary.wait("down2")
    diary.clear()
    reload(a, global_defs() + virtual(diary, one, two))  # back, and up from the start: silent
    reload(a, global_defs() + block("virtual_server 192.0.2.2 80", [
        "lvs_sched rr", "lvs_method NAT", "protocol TCP", "real_server 10.0.0.9 80 {\n}"]))
    diary.wait("down1", "down2", "lost")


@pytest.mark.parametrize("omega", [True, False])
def test_omega_tells_the_end(pair, omega):
    diary = Diary(pair)
    dead = real(diary, DEAD, tcp_check(retry=1, delay=0))
    a = pair.start("a", global_defs() + virtual(diary, real(diary, "10.0.0.1 80"), dead, *["omega"] * omega))
    diary.wait("down1")  # the dead one, whose last octet is 1 too
    diary.clear()
    a.stop()
    assert sorted(diary.lines()) == (["down1", "lost"] if omega else [])


def test_a_start_without_quorum_is_told_where_a_sorry_server_answers(pair):
    diary = Diary(pair)
    dead = real(diary, DEAD, "alpha", tcp_check(retry=1, delay=1))
    a = pair.start("a", global_defs() + virtual(diary, dead) +
                   virtual(diary, dead, "sorry_server 10.0.0.99 80", what="192.0.2.2 80"))
    diary.wait("lost")  # of the second only
    code = subprocess.run([os.path.join(build_directory(), "tandemctl"), "-p", a.pid_file, "status"], text=True,
                          stdout=subprocess.PIPE, timeout=120)
    assert "sorry server: in use" in code.stdout, code.stdout
    assert "0 of 1" in code.stdout, code.stdout
    done = subprocess.run([os.path.join(build_directory(), "tandemctl"), "-p", a.pid_file, "--json", "status"], text=True,
                          stdout=subprocess.PIPE, timeout=120)
    servers = json.loads(done.stdout)["virtual_servers"]
    assert servers[1]["sorry_server"] == {"address": "10.0.0.99:80", "method": "NAT", "inhibit": False, "in_use": True}
    assert "sorry_server" not in servers[0]
    never(lambda: diary.lines() != ["lost"], 2, "a start that is down is no change")


def checks(daemon):
    """The first virtual server's first check, as status has it."""
    done = subprocess.run([os.path.join(build_directory(), "tandemctl"), "-p", daemon.pid_file, "--json", "status"],
                          text=True, stdout=subprocess.PIPE, timeout=120)
    return json.loads(done.stdout)["virtual_servers"][0]["real_servers"][0]["checks"][0]


def test_checks_rest_on_the_backup_with_ha_suspend(pair):
    diary = Diary(pair)
    text = virtual(diary, "ha_suspend", real(diary, DEAD, tcp_check(retry=1, delay=0)), what="10.9.0.100 80")
    a, b = pair.both(global_defs() + instance(200) + text, global_defs() + instance(100) + text)
    until(lambda: checks(a).get("up") is False, 10, "the master to have checked")
    assert checks(b)["resting"] and not checks(b)["known"]
    a.stop()
    until(lambda: checks(b).get("up") is False, 15, "the new master to check")
    assert not checks(b)["resting"]


def test_rs_init_notifies_tells_the_start(pair):
    diary = Diary(pair)
    pair.start("a", global_defs("rs_init_notifies") + virtual(diary, real(diary, "10.0.0.1 80"),
                                                              real(diary, "10.0.0.2 80")))
    diary.wait("up1", "up2")
