"""The command line: what its options do to a running daemon."""
import os
import re
import signal
import subprocess
import time

import pytest

from lab.configuration import global_defs, instance, real_server, tcp_check, virtual_server
from lab.daemon import build_directory
from lab.waiting import never, until

pytestmark = pytest.mark.host

VIP = "10.9.0.100"
OWN = "{build}/tandemd -n -l -D -f {conf} -p {dir}/tandem.pid"


class Outside:
    """Where the tests themselves run: a daemon that enters its namespace by itself is started here."""

    name = "outside"

    @staticmethod
    def command(*words):
        return list(words)


def balanced(*servers):
    return virtual_server(VIP, 80, "NAT", [real_server("127.0.0.1", port, tcp_check()) for port in servers])


def roles(daemon):
    return {role.replace("tandem-", "") for role in daemon.roles() if role.startswith("tandem-")}


def lifetimes(box, address=VIP):
    """The valid lifetime of an address as ip shows it; None where it is not."""
    found = re.search(r"inet %s/.*\n\s+valid_lft (\S+)" % re.escape(address), box.run("ip", "addr", "show"))
    return found and found.group(1)


@pytest.mark.parametrize("option, expected", [
    ("", {"links", "vrrp", "director", "checker", "ctl"}),
    ("-P", {"links", "vrrp", "ctl"}),
    ("--check", {"director", "checker", "ctl"}),
    ("-P -C", {"links", "vrrp", "director", "checker", "ctl"}),
], ids=["all", "vrrp", "check", "both"])
def test_parts_that_run(pair, option, expected):
    a = pair.start("a", global_defs() + instance(200) + balanced(80), command=OWN + " " + option)
    until(lambda: roles(a) == expected, 10, "the processes")
    a.wait_for_log("runs with")
    a.reload(global_defs() + instance(200) + balanced(80, 81))
    a.wait_for_log("the new configuration is in force")
    until(lambda: roles(a) == expected, 10, "the same processes, and no reader any more")
    if "vrrp" in expected:
        pair.wait_master("a")
    else:
        assert not pair.has("a")


def test_a_stop_that_leaves_addresses(pair):
    """No priority 0, the address is not removed, and the kernel does not remove it later."""
    a = pair.start("a", global_defs() + instance(200), command=OWN + " --dont-release-vrrp")
    pair.wait_master("a")
    until(lambda: (lifetimes(pair.boxes["a"]) or "").endswith("sec"), 5, "a lease")
    begin = time.time()
    a.stop()
    assert a.process.returncode == 0
    assert not [x for x in pair.capture["a"].since(begin) if x.priority == 0], "a farewell"
    assert lifetimes(pair.boxes["a"]) == "forever"
    assert not pair.addresses["a"].removals(VIP, begin)
    begin = time.time()
    a.start()
    until(lambda: pair.capture["a"].since(begin), 10, "adverts of the next one")
    assert pair.addresses["a"].removals(VIP, begin), "it kept the address before it was master"
    until(lambda: (lifetimes(pair.boxes["a"]) or "").endswith("sec"), 5, "a lease again")


def test_a_crash_leaves_no_address_even_so(pair):
    a = pair.start("a", global_defs() + instance(200), command=OWN + " -V")
    pair.wait_master("a")
    a.kill_all()
    pair.wait_without("a", timeout=10)


def test_a_death_that_is_not_repaired(pair):
    a = pair.start("a", global_defs() + instance(200), command=OWN + " -R")
    pair.wait_master("a")
    os.kill(a.child("ctl"), signal.SIGKILL)
    a.wait_for_end()
    assert a.process.returncode == 1
    assert "ctl is not started again" in a.log()
    pair.wait_without("a", timeout=5)
    until(lambda: not a.survivors(), 5, "its processes to end")


def test_a_namespace_by_option(pair):
    """Started outside, it runs in the namespace of the box; its run files are named after that."""
    box = pair.boxes["a"]
    name = box.name
    command = "{build}/tandemd -n -l -f {conf} -s " + name
    a = pair.daemon("a", global_defs() + instance(200), command=command)
    a.box = Outside()
    a.start()
    pair.wait_master("a")
    own = os.readlink("/proc/%d/ns/net" % a.process.pid)
    assert own != os.readlink("/proc/self/ns/net")
    assert all(os.readlink("/proc/%d/ns/net" % pid) == own for pid in a.processes())
    assert os.path.exists("/run/tandem/tandemd_%s.pid" % name)
    assert os.path.exists("/run/tandem/tandemd_%s.sock" % name)
    a.stop()
    assert not os.path.exists("/run/tandem/tandemd_%s.pid" % name)


def test_a_namespace_and_an_instance_by_keyword(pair):
    box = pair.boxes["a"]
    name = box.name
    text = "net_namespace %s\nnet_namespace_ipvs\ninstance lab%d\n" % (name, os.getpid())
    a = pair.daemon("a", text + global_defs() + instance(200) + balanced(80), command="{build}/tandemd -n -l -f {conf}")
    a.box = Outside()
    a.start()
    pair.wait_master("a")
    until(lambda: a.child("director"), 5, "the director")
    outside = os.readlink("/proc/self/ns/net")
    assert os.readlink("/proc/%d/ns/net" % a.child("vrrp")) != outside
    assert os.readlink("/proc/%d/ns/net" % a.child("checker")) != outside
    assert os.readlink("/proc/%d/ns/net" % a.child("director")) == outside
    pid_file = "/run/tandem/tandemd_lab%d_%s.pid" % (os.getpid(), name)
    assert os.path.exists(pid_file)
    a.reload(text.replace("lab", "other") + global_defs() + instance(200) + balanced(80))
    a.wait_for_log("instance: a reload does not change it")
    assert os.path.exists(pid_file)
    a.stop()


def test_a_namespace_that_is_not_there(pair):
    a = pair.start("a", global_defs() + instance(200), command=OWN + " -s nosuchnamespace")
    a.wait_for_end()
    assert a.process.returncode == 1
    assert "nosuchnamespace" in a.log()


def test_pid_files_of_children(pair):
    command = OWN + " -r {dir}/vrrp.pid -c {dir}/checkers.pid"
    a = pair.start("a", global_defs() + instance(200) + balanced(80), command=command)
    pair.wait_master("a")

    def written(name):
        try:
            with open(os.path.join(a.directory, name)) as file:
                return int(file.read() or 0)
        except FileNotFoundError:
            return None

    until(lambda: written("vrrp.pid") == a.child("vrrp"), 5, "the pid of vrrp")
    until(lambda: written("checkers.pid") == a.child("director"), 5, "the pid of the director")
    first = a.child("vrrp")
    os.kill(first, signal.SIGKILL)
    until(lambda: written("vrrp.pid") not in (None, 0, first), 5, "the pid of its successor")
    until(lambda: written("vrrp.pid") == a.child("vrrp"), 5, "it to be the successor's")
    a.stop()
    assert written("vrrp.pid") is None and written("checkers.pid") is None


def test_a_log_file_and_no_syslog(pair):
    command = "{build}/tandemd -n -G -g{dir}/own.log --flush-log-file -d -a -x -f {conf} -p {dir}/tandem.pid"
    a = pair.start("a", global_defs() + instance(200), command=command)
    pair.wait_master("a")
    path = os.path.join(a.directory, "own.log")

    def lines():
        with open(path) as file:
            return file.read()

    until(lambda: "BACKUP -> MASTER" in lines(), 5, "the change of state in the file")
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert "--snmp has no effect" in lines()
    assert re.search(r'info: +name "V51"', lines()), "the configuration as understood"
    until(lambda: "address %s/32 came on eth0" % VIP in lines(), 5, "the address in the file")
    never(lambda: lines().count("address %s/32" % VIP) > 1, 3, "a renewal of the lease is no news")
    os.rename(path, path + ".1")
    a.reload()
    until(lambda: os.path.exists(path) and "in force" in lines(), 10, "the new file")
    a.stop()
    assert "stopped" in lines()


def test_sigint_may_be_ignored(pair):
    a = pair.start("a", global_defs() + instance(200), command=OWN + " --ignore-sigint")
    pair.wait_master("a")
    a.signal(signal.SIGINT)
    never(lambda: not a.is_running(), 1, "it stopped")
    a.stop()
    assert a.process.returncode == 0


def test_names_and_priorities_of_processes(pair):
    lines = ["process_name lab_parent", "vrrp_process_name lab_vrrp", "checker_process_name lab_lvs",
             "vrrp_rt_priority 20", "vrrp_cpu_affinity 0", "checker_priority 3"]
    a = pair.start("a", global_defs(*lines) + instance(200) + balanced(80))
    pair.wait_master("a")

    def comm(pid):
        with open("/proc/%d/comm" % pid) as file:
            return file.read().strip()

    assert comm(a.process.pid) == "lab_parent"
    assert comm(a.child("vrrp")) == "lab_vrrp"
    until(lambda: a.child("checker") and a.child("director"), 5, "checker and director")
    until(lambda: comm(a.child("checker")) == comm(a.child("director")) == "lab_lvs", 5, "their names")
    assert os.sched_getaffinity(a.child("vrrp")) == {0}
    until(lambda: os.getpriority(os.PRIO_PROCESS, a.child("checker")) == 3, 5, "the checker's priority")
    if os.sched_getscheduler(a.child("vrrp")) == os.SCHED_RR | os.SCHED_RESET_ON_FORK:
        assert os.sched_getparam(a.child("vrrp")).sched_priority == 20


def test_core_dumps(pair):
    a = pair.start("a", global_defs() + instance(200), command=OWN + " -m", wrapper=["prlimit", "--core=0:unlimited"])
    pair.wait_master("a")
    with open("/proc/%d/limits" % a.process.pid) as file:
        assert re.search(r"Max core file size +unlimited +unlimited", file.read())
    with open("/proc/%d/status" % a.child("vrrp")) as file:
        uid = int(re.search(r"Uid:\s+(\d+)", file.read()).group(1))
    assert uid != 0 and os.stat("/proc/%d/maps" % a.child("vrrp")).st_uid == uid, "not dumpable: /proc is root's"


def test_under_keepalived_s_name(pair):
    """A link of that name takes keepalived's defaults; the reader does not take it for a keepalived beside us."""
    link = pair.path("keepalived")
    os.symlink(os.path.join(build_directory(), "tandemd"), link)
    a = pair.start("a", global_defs() + instance(200), command=link + " -n -l -f {conf} -p {dir}/keepalived.pid")
    pair.wait_master("a")
    with open("/proc/%d/comm" % a.process.pid) as file:
        assert file.read() == "keepalived\n"
    a.reload()
    a.wait_for_log("the new configuration is in force")
    said = subprocess.run([link, "-v"], stderr=subprocess.PIPE, stdout=subprocess.PIPE, check=True)
    assert said.stderr.decode().startswith("Keepalived v") and not said.stdout


def test_every_include_must_be_there(pair):
    text = global_defs() + instance(200) + "include /nonexistent/*.conf\n"
    program = os.path.join(build_directory(), "tandemd")
    a = pair.daemon("a", text)
    plain = subprocess.run([program, "-t", "-f", a.configuration], stderr=subprocess.PIPE)
    strict = subprocess.run([program, "-t", "-e", "-f", a.configuration], stderr=subprocess.PIPE)
    assert plain.returncode in (0, 1) and strict.returncode == 2
    assert b"/nonexistent" in strict.stderr
