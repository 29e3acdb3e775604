"""Scripts, files and processes that instances and groups track."""
import os
import signal
import subprocess
import time

import pytest

from lab.configuration import block, global_defs, instance, sync_group
from lab.daemon import build_directory
from lab.waiting import never, until

pytestmark = pytest.mark.host


class Probe:
    """A script that fails while a file "down" lies beside it, and hangs while "hang" does; it counts its runs."""

    def __init__(self, pair, tag):
        self.directory = pair.path("probe-" + tag)
        os.mkdir(self.directory)
        self.script = os.path.join(self.directory, "check")
        with open(self.script, "w") as file:
            file.write("#!/bin/sh\ncd %s\necho run >>runs\n[ ! -e hang ] || sleep 600\n[ ! -e down ] || exit 3\n"
                       % self.directory)
        os.chmod(self.script, 0o755)

    def set(self, name, on=True):
        path = os.path.join(self.directory, name)
        if on:
            open(path, "w").close()
        else:
            os.unlink(path)

    def runs(self):
        try:
            with open(os.path.join(self.directory, "runs")) as file:
                return len(file.readlines())
        except FileNotFoundError:
            return 0

    def wait_for_runs(self, more):
        wanted = self.runs() + more
        until(lambda: self.runs() >= wanted, 20, "%d more runs" % more)

    def block(self, *lines, name="chk", interval=0.2):
        return block("vrrp_script " + name, ['script "%s"' % self.script, "interval %s" % interval, "timeout 5",
                                             *lines]) + "\n"


def track(kind, *entries):
    return [block("track_" + kind, entries)]


def transitions(daemon, start=0):
    """The log lines of changes of state."""
    return [line for line in daemon.log()[start:].splitlines() if " -> " in line and "instance" in line]


# ---------------------------------------------------------------- scripts


def test_a_script_that_fails_means_fault_and_a_failover(pair):
    probe = Probe(pair, "a")
    a, b = pair.both(global_defs() + probe.block() + instance(200, lines=track("script", "chk")),
                     global_defs() + instance(100))
    probe.set("down")
    pair.wait_master("b")
    assert not pair.has("a")
    a.wait_for_log("script chk is down now: exit status 3")
    a.wait_for_log("MASTER -> FAULT, because a script it tracks says so: chk")
    probe.set("down", False)
    pair.wait_master("a")
    a.wait_for_log("script chk is up again: exit status 0")
    pair.wait_without("b")


def test_an_instance_waits_for_the_first_result(pair):
    probe = Probe(pair, "a")
    probe.set("hang")
    a = pair.start("a", global_defs() + probe.block() + instance(200, lines=track("script", "chk")))
    until(lambda: probe.runs() == 1, 10, "the first run")
    a.wait_for_log("tandem")
    assert not transitions(a)
    probe.set("hang", False)  # the run that hangs times out: its first result
    a.wait_for_log("INIT -> FAULT, because a script it tracks says so: chk", 20)
    a.wait_for_log("script chk is down: timed out after 5")
    pair.wait_master("a", timeout=20)


def test_init_fail_and_rise(pair):
    probe = Probe(pair, "a")
    a = pair.start("a", global_defs() + probe.block("init_fail", "rise 3") +
                   instance(200, lines=track("script", "chk")))
    a.wait_for_log("INIT -> FAULT, because a script it tracks says so: chk")
    pair.wait_master("a")
    assert probe.runs() >= 3


def test_a_weight_moves_the_master_and_reverse_turns_it_round(pair):
    probe = Probe(pair, "a")
    a, b = pair.both(global_defs() + probe.block("weight -60", "fall 2") +
                     instance(150, lines=track("script", "chk")),
                     global_defs() + instance(100))
    probe.set("down")
    pair.wait_master("b")
    a.wait_for_log("effective priority 150 -> 90")
    a.wait_for_log("MASTER -> BACKUP")
    probe.set("down", False)
    pair.wait_master("a")
    start = len(a.log())
    a.reload(global_defs() + probe.block("weight -60", "fall 2") +
             instance(150, lines=track("script", "chk weight 60 reverse")))
    pair.wait_master("b")
    a.wait_for_log("effective priority 150 -> 90", start=start)
    probe.set("down")
    pair.wait_master("a")


def test_a_group_tracks_for_its_members(pair):
    probe = Probe(pair, "a")
    members = instance(200, name="one", vrid=51) + instance(200, vips=("10.9.0.101",), name="two", vrid=52)
    a = pair.start("a", global_defs() + probe.block() + members +
                   sync_group("both", ("one", "two"), track("script", "chk")))
    pair.wait_master("a")
    probe.set("down")
    pair.wait_without("a")
    pair.wait_without("a", "10.9.0.101")
    a.wait_for_log("instance two: MASTER -> FAULT")
    probe.set("down", False)
    pair.wait_master("a")
    pair.wait_master("a", "10.9.0.101")


# ---------------------------------------------------------------- nobody's fault


def test_the_death_of_the_runner_is_no_failure(pair):
    """Killed while a script runs, frozen for longer than scripts may take: the master stays, and knows on."""
    probe = Probe(pair, "a")
    a, b = pair.both(global_defs() + probe.block() + instance(200, lines=track("script", "chk")),
                     global_defs() + instance(100))
    before = len(a.log())
    for _ in range(3):
        runner = a.child("scripts")
        os.kill(runner, signal.SIGKILL)
        until(lambda: a.child("scripts") not in (None, runner), 20, "another scripts process")
        probe.wait_for_runs(2)
    runner = a.child("scripts")
    os.kill(runner, signal.SIGSTOP)  # until the supervisor finds that it does not move, and kills it
    until(lambda: a.child("scripts") not in (None, runner), 40, "another scripts process")
    probe.wait_for_runs(2)
    assert not transitions(a, before)
    assert "script chk is down" not in a.log()
    assert pair.has("a") and not pair.has("b")
    probe.set("down")  # it still works
    pair.wait_master("b")


def test_results_survive_a_crash_of_vrrp(pair):
    probe = Probe(pair, "a")
    a = pair.start("a", global_defs() + probe.block("weight -60") + instance(150, lines=track("script", "chk")))
    pair.wait_master("a")
    probe.set("down")
    a.wait_for_log("effective priority 150 -> 90")
    probe.set("hang")  # the successor hears nothing new
    probe.wait_for_runs(1)
    before = len(a.log())
    vrrp = a.child("vrrp")
    os.kill(vrrp, signal.SIGKILL)
    a.wait_for_log("goes on as MASTER after a restart", start=before)
    begin = time.time()
    until(lambda: len(pair.capture["a"].since(begin)) >= 2, 10, "adverts of the successor")
    assert {advert.priority for advert in pair.capture["a"].since(begin)} == {90}
    assert "script chk is up" not in a.log()[before:]


def test_a_reload_keeps_what_is_known(pair):
    probe = Probe(pair, "a")
    text = global_defs() + probe.block("weight -60", "fall 2", interval="%s") + \
        instance(150, lines=track("script", "chk"))
    a = pair.start("a", text % 0.2)
    pair.wait_master("a")
    probe.set("down")
    a.wait_for_log("effective priority 150 -> 90")
    before = len(a.log())
    a.reload(text % 0.3)
    probe.wait_for_runs(3)
    assert "effective priority" not in a.log()[before:]
    assert not transitions(a, before)
    a.reload(global_defs() + instance(150))  # nobody tracks it any more
    a.wait_for_log("effective priority 90 -> 150", start=before)


# ---------------------------------------------------------------- files


def write(path, text):
    """As a shell's ">" does."""
    with open(path, "w") as file:
        file.write(text)


def replace(path, text):
    """At once: nobody can read it empty in between, as who starts just then might."""
    write(path + ".new", text)
    os.chmod(path + ".new", os.stat(path).st_mode & 0o777)
    os.rename(path + ".new", path)


def test_a_file_weighs_and_faults(pair):
    path = pair.path("value")
    text = global_defs() + block("track_file load", ["file " + path, "init_file 0"]) + "\n" + \
        instance(150, lines=track("file", "load"))
    a, b = pair.both(text, global_defs() + instance(100))
    with open(path) as file:
        assert file.read() == "0\n"
    write(path, "-60\n")
    pair.wait_master("b")
    a.wait_for_log("file load: value is now -60")
    a.wait_for_log("effective priority 150 -> 90")
    write(path + ".new", "0x10")
    os.rename(path + ".new", path)
    pair.wait_master("a")
    a.wait_for_log("effective priority 90 -> 166")
    write(path, "-254")
    a.wait_for_log("MASTER -> FAULT, because a file it tracks says so: load")
    pair.wait_master("b")
    os.unlink(path)
    a.wait_for_log("file load: value is now 0 (it does not exist)")
    pair.wait_master("a")


def test_a_file_in_a_directory_that_comes_later(pair):
    directory = pair.path("later")
    text = global_defs() + block("vrrp_track_file f", ["file %s/value" % directory, "weight 0"]) + "\n" + \
        instance(150, lines=track("file", "f"))
    a = pair.start("a", text)
    pair.wait_master("a")
    os.mkdir(directory)
    write(directory + "/value", "1")
    pair.wait_without("a")
    write(directory + "/value", "0")
    pair.wait_master("a")


def test_roots_own_file_and_a_new_runner(pair):
    path = pair.path("secret")
    write(path, "-20")
    os.chmod(path, 0o600)
    text = global_defs() + block("track_file f", ["file " + path]) + "\n" + instance(150, lines=track("file", "f"))
    a = pair.start("a", text)
    pair.wait_master("a")
    a.wait_for_log("effective priority 150 -> 130")
    before = len(a.log())
    runner = a.child("scripts")
    os.kill(runner, signal.SIGKILL)
    until(lambda: a.child("scripts") not in (None, runner), 20, "another scripts process")
    replace(path, "-30")
    a.wait_for_log("effective priority 130 -> 120", start=before)


# ---------------------------------------------------------------- processes


@pytest.fixture
def worker(pair):
    """Starts processes of a program of its own name (/proc shows those of all tests); they end with the test."""
    program = pair.path("worker-" + pair.directory[-8:])
    with open("/bin/sleep", "rb") as source, open(program, "wb") as copy:
        copy.write(source.read())
    os.chmod(program, 0o755)
    started = []

    def start(*words):
        started.append(subprocess.Popen([program, *(words or ("600",))]))
        return started[-1]

    start.program, start.name = program, os.path.basename(program)
    yield start
    for process in started:
        process.kill()
        process.wait()


def end(process):
    process.kill()
    process.wait()


def test_a_process_that_ends_and_comes_back(pair, worker):
    first = worker()
    text = global_defs() + block("vrrp_track_process w", ["process " + worker.name]) + "\n" + \
        instance(200, lines=track("process", "w"))
    a, b = pair.both(text, global_defs() + instance(100))
    end(first)
    pair.wait_master("b")
    a.wait_for_log("process w is down: 0 run")
    a.wait_for_log("MASTER -> FAULT, because the number of processes it tracks is wrong: w")
    worker()
    pair.wait_master("a")


def test_how_many_run_and_with_which_words(pair, worker):
    workers = [worker("601"), worker("602")]
    text = global_defs() + \
        block("vrrp_track_process two", ["process " + worker.name, "quorum 2", "quorum_max 2", "weight 10"]) + "\n" + \
        block("vrrp_track_process exact", ["process %s 602" % worker.program, "weight 20"]) + "\n" + \
        instance(100, lines=track("process", "two", "exact"))
    a = pair.start("a", text)
    pair.wait_master("a")
    a.wait_for_log("effective priority 100 -> 130")
    start = len(a.log())
    third = worker("603")
    a.wait_for_log("process two is down: 3 run", start=start)
    a.wait_for_log("effective priority 130 -> 120", start=start)
    end(third)
    a.wait_for_log("effective priority 120 -> 130", start=start)
    end(workers[1])
    a.wait_for_log("process exact is down: 0 run", start=start)


@pytest.mark.parametrize("lines", [[], ['notify "/bin/true"']], ids=["first-of-all", "beside-a-script"])
def test_what_a_reload_adds_to_track_counts_at_once(pair, worker, lines):
    """The file is not written again, and no process begins or ends."""
    path = pair.path("load")
    write(path, "-30\n")
    worker()
    a = pair.start("a", global_defs() + instance(150, lines=lines))
    pair.wait_master("a")
    a.reload(global_defs() + block("track_file load", ["file " + path]) + "\n" +
             block("vrrp_track_process w", ["process " + worker.name]) + "\n" +
             instance(150, lines=lines + track("file", "load weight 1") + track("process", "w weight 5")))
    until(lambda: pair.capture["a"].adverts[-1].priority == 125, 10, "the priority 150 - 30 + 5")


# ---------------------------------------------------------------- what the operator sees


def test_status_says_what_fails_and_why(pair):
    probe = Probe(pair, "a")
    path = pair.path("value")
    write(path, "7")
    a = pair.start("a", global_defs() + probe.block("weight -60") +
                   block("track_file load", ["file " + path]) + "\n" +
                   instance(150, name="web", lines=track("script", "chk") + track("file", "load weight 2")))
    pair.wait_master("a")
    probe.set("down")
    a.wait_for_log("script chk is down")

    def status():
        return subprocess.run([os.path.join(build_directory(), "tandemctl"), "-p", a.pid_file, "status"], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120).stdout

    printed = until(lambda: "exit status 3" in status() and status(), 5, "the status of the script", every=0.2)
    line = [text for text in printed.splitlines() if text.startswith("chk")]
    assert line and "script" in line[0] and "DOWN" in line[0] and "exit status 3" in line[0], printed
    assert "web (-60)" in line[0], printed
    line = [text for text in printed.splitlines() if text.startswith("load")]
    assert line and "value 7" in line[0] and "web (x 2)" in line[0], printed


def test_a_link_that_flaps_shorter_than_its_delay_is_no_fault(pair):
    """interface_up_down_delays; the advertisement interval is long, so that the delay is not cut."""
    delays = block("interface_up_down_delays", ["eth0 4"]) + "\n"
    box = pair.boxes["a"]
    daemon = pair.start("a", global_defs() + delays + instance(255, state="MASTER", advert_int=10))
    pair.wait_master("a")
    for _ in range(5):
        start, lines = time.monotonic(), len(daemon.log())
        pair.network.unplug(box)
        daemon.wait_for_log("interface eth0 is down; that counts if it lasts 4.000 s", 20, lines)
        pair.network.plug(box)
        if time.monotonic() - start < 2:
            break
    else:
        pytest.skip("this machine is too slow to let a link flap for less than 2 s")
    never(lambda: "FAULT" in daemon.log()[lines:], 6, "a short flap was a fault")
    lines = len(daemon.log())
    pair.network.unplug(box)
    daemon.wait_for_log("that counts if it lasts", 20, lines)
    daemon.wait_for_log("MASTER -> FAULT", 30, lines)
    log = daemon.log()[lines:]
    assert log.index("that counts if it lasts") < log.index("MASTER -> FAULT")
    pair.network.plug(box)
    pair.wait_master("a", timeout=30)
