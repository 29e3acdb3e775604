"""The supervisor: what it tells a service manager, and how it goes from one configuration to the next."""
import json
import os
import signal
import socket
import struct
import subprocess
import time

import pytest

from lab.configuration import global_defs, instance, real_server, tcp_check, virtual_server
from lab.daemon import build_directory, copy_programs, is_alive, is_sanitized
from lab.timers import master_down
from lab.waiting import until

pytestmark = pytest.mark.host

VIP, SECOND = "10.9.0.100", "10.9.0.101"
READER_TIME_S = 60  # then a reader is taken to hang
SO_TIMESTAMPNS = 35


class Manager:
    """The end of $NOTIFY_SOCKET that systemd has."""

    def __init__(self, pair):
        self.path = pair.path("notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.messages = []
        self.beats = []  # when the watchdog was fed, stamped by the kernel

    def environment(self, watchdog_s):
        return ["env", "NOTIFY_SOCKET=" + self.path, "WATCHDOG_USEC=%d" % (watchdog_s * 1000000)]

    def heard(self):
        """All messages so far: [{field: value}]."""
        try:
            while True:
                words, ancillary, _, _ = self.socket.recvmsg(4096, 64)
                self.messages.append(dict(line.split("=", 1) for line in words.decode().splitlines()))
                if "WATCHDOG" in self.messages[-1]:
                    seconds, nanoseconds = struct.unpack("qq", ancillary[0][2][:16])
                    self.beats.append(seconds + nanoseconds / 1e9)
        except BlockingIOError:
            return self.messages

    def times(self, field):
        return len([message for message in self.heard() if field in message])

    def order(self, *fields):
        """Which of the fields came, in the order they came."""
        return [field for message in self.heard() for field in message if field in fields]

    def status(self):
        lines = [message["STATUS"] for message in self.heard() if "STATUS" in message]
        return lines[-1] if lines else ""


def stop_at_once(daemon):
    """A stop in which nobody waits in vain for somebody's end."""
    daemon.stop()
    assert daemon.process.returncode == 0
    assert "did not stop in time" not in daemon.log()


def balanced(*servers):
    return virtual_server(VIP, 80, "NAT", [real_server("127.0.0.1", port, tcp_check()) for port in servers])


def test_a_service_manager_is_told_of_start_reload_state_and_stop(pair):
    manager = Manager(pair)
    text = global_defs() + instance(200)
    a = pair.start("a", text, wrapper=manager.environment(watchdog_s=2))
    pair.wait_master("a")
    until(lambda: manager.times("READY"), 5, "READY")
    assert manager.messages[-1].get("MAINPID", str(a.process.pid)) == str(a.process.pid)
    until(lambda: "master of 1" in manager.status(), 5, "a status that says so")
    until(lambda: manager.times("WATCHDOG") >= 5, 8, "the watchdog to be fed")
    times = manager.beats[:5]
    assert max(later - earlier for earlier, later in zip(times, times[1:])) < 2, "the watchdog would have bitten"
    assert 0.8 <= (times[-1] - times[0]) / 4 < 1.6, "the watchdog wants to hear it twice in its time"
    before = time.clock_gettime(time.CLOCK_MONOTONIC)
    a.reload(text + "# changed\n")
    until(lambda: manager.order("READY", "RELOADING") == ["READY", "RELOADING", "READY"], 5, "the end of the reload")
    said = [message for message in manager.messages if "RELOADING" in message]
    assert before <= int(said[0]["MONOTONIC_USEC"]) / 1e6 <= time.clock_gettime(time.CLOCK_MONOTONIC)
    a.reload(global_defs("strict") + "no_such_word\n")
    until(lambda: manager.order("READY", "RELOADING")[-2:] == ["RELOADING", "READY"] and manager.times("RELOADING") == 2,
          5, "the end of the refused reload")
    until(lambda: a.configuration + ":" in manager.status(), 5, "a status that says why")
    told = [field for message in manager.messages for field in message if field in ("STATUS", "RELOADING", "READY")]
    assert told[-3:] == ["RELOADING", "STATUS", "READY"], "the status is there when the reload ends"
    assert "master of 1" in manager.status() and "no_such_word" in manager.status()
    a.reload(text)
    until(lambda: "refused" not in manager.status(), 5, "the refusal to be over with the next good reload")
    a.stop()
    until(lambda: manager.times("STOPPING"), 5, "STOPPING")
    assert manager.order("READY", "RELOADING", "STOPPING")[-1] == "STOPPING"


def test_processes_come_and_go_with_what_the_configuration_needs(pair, stalls):
    plain = global_defs() + instance(200)
    a = pair.start("a", plain)
    pair.wait_master("a")
    begin = time.time()
    basis = {"tandemd", "tandem-links", "tandem-vrrp", "tandem-ctl"}
    for _ in range(2):
        a.reload(plain + balanced(80, 81))
        until(lambda: set(a.roles()) == basis | {"tandem-director", "tandem-checker"}, 10, "director and checker")
        a.reload(plain)
        until(lambda: set(a.roles()) == basis, 10, "director and checker to go")
    changed = time.time()
    until(lambda: len(pair.capture["a"].since(changed)) >= 2, 5, "adverts afterwards")
    assert stalls.longest_gap(pair.capture["a"].since(begin)) < 1.5
    assert not pair.addresses["a"].removals(VIP, begin)
    assert "killed" not in a.log() and "ended with status" not in a.log()


def status_of(daemon):
    program = os.path.join(build_directory(), "tandemctl")
    text = subprocess.run([program, "-p", daemon.pid_file, "--json", "status"], check=True, stdout=subprocess.PIPE,
                          timeout=120).stdout
    return json.loads(text)


def test_the_first_instance_and_server_of_a_reload_are_seen_by_who_looks(pair):
    """links looks at vrrp's board before it renews a lease; tandemctl shows everybody's."""
    a = pair.start("a", global_defs())
    a.wait_for_log("runs with 2 processes")
    a.reload(global_defs() + instance(200) + balanced(80))
    pair.wait_master("a")
    begin = time.time()
    time.sleep(4)
    assert not pair.addresses["a"].removals(VIP, begin), "the lease ran out"
    status = status_of(a)
    assert status["instances"][0]["state"] == "MASTER"
    assert status["virtual_servers"][0]["state"] in ("up", "down", "UP", "DOWN"), status["virtual_servers"]


def test_the_last_instance_goes_with_a_farewell_and_its_script_runs(pair):
    diary = pair.path("diary")
    script = pair.path("script")
    with open(script, "w") as file:
        file.write('#!/bin/sh\necho "$*" >>%s\n' % diary)
    os.chmod(script, 0o755)
    first = global_defs() + instance(200, lines=['notify "%s"' % script]) + balanced(80)
    a = pair.start("a", first)
    pair.wait_master("a")
    removed = a.reload(global_defs() + balanced(80))
    until(lambda: set(a.roles()) == {"tandemd", "tandem-director", "tandem-checker", "tandem-ctl"}, 10,
          "vrrp, links and scripts to go")
    farewells = until(lambda: [advert for advert in pair.capture["a"].since(removed) if advert.priority == 0], 5, "a farewell")
    gone = pair.addresses["a"].removals(VIP, removed)
    assert gone and farewells[0].time <= gone[0] + 0.002, "the VIP went before the farewell"
    with open(diary) as file:
        assert file.read().splitlines()[-1].split()[:2] == ["INSTANCE", "V51"]
    a.reload(first)
    pair.wait_master("a")


def test_a_removed_instance_runs_its_last_script(pair):
    diary = pair.path("diary")
    script = pair.path("script")
    with open(script, "w") as file:
        file.write('#!/bin/sh\necho "$*" >>%s\n' % diary)
    os.chmod(script, 0o755)
    first = global_defs() + instance(200)
    a = pair.start("a", first + instance(200, vips=[SECOND], vrid=52, lines=['notify "%s"' % script]))
    pair.wait_master("a")
    pair.wait_master("a", SECOND)
    a.reload(first)
    until(lambda: "tandem-scripts" not in a.roles(), 10, "scripts to go")
    with open(diary) as file:
        assert file.read().splitlines()[-1] == "INSTANCE V52 FAULT 200"


def test_a_storm_of_signals_is_one_reload_after_the_other(pair, stalls):
    text = global_defs() + instance(200)
    a = pair.start("a", text)
    pair.wait_master("a")
    begin = time.time()
    for number in range(100):
        a.reload(text.replace("priority 200", "priority %d" % (100 + number)))
        time.sleep(0.01)
    until(lambda: [x for x in pair.capture["a"].since(begin) if x.priority == 199], 5, "the last configuration")
    time.sleep(1.2)
    assert stalls.longest_gap(pair.capture["a"].since(begin)) < 1.5
    assert not pair.addresses["a"].removals(VIP, begin)

    def at_rest():
        end = time.monotonic() + 1
        while "tandem-reader" not in a.roles():
            if time.monotonic() > end:
                return True
        return False

    until(at_rest, 10, "the readers to come to an end")


def test_many_more_instances_than_before_fit_the_boards(pair, stalls):
    text = global_defs() + instance(200)
    many = "".join(instance(200, vips=["10.9.1.%d" % vrid], vrid=vrid) for vrid in range(60, 240))
    a = pair.start("a", text)
    pair.wait_master("a")
    begin = a.reload(text + many)
    until(lambda: all(pair.has("a", "10.9.1.%d" % vrid) for vrid in range(60, 240)), 15, "180 more masters")
    vrrp = a.child("vrrp")
    os.kill(vrrp, signal.SIGKILL)
    until(lambda: a.child("vrrp") not in (None, vrrp), 5, "another vrrp")
    replaced = time.time()
    for vrid in (51, 60, 150, 239):
        until(lambda: len(pair.capture["a"].since(replaced, vrid)) >= 2, 5, "adverts of the successor")
        gap = stalls.longest_gap(pair.capture["a"].since(begin, vrid))
        assert gap < (master_down(254) if is_sanitized() else 1.5), "a gap of %.2f s between adverts" % gap
    assert not [e for e in pair.addresses["a"].events if not e.added and e.time > begin], "a VIP was absent"


def with_reader(pair, script):
    """Programs whose reader can be spoiled; (the daemon's command, what spoils and mends the reader)."""
    directory = pair.path("programs")
    command = copy_programs(directory)
    good = os.path.join(directory, "good-reader")
    reader = os.path.join(directory, "tandem-reader")
    spoilt = os.path.join(directory, "spoilt")
    os.rename(reader, good)
    with open(reader, "w") as file:
        file.write("#!/bin/sh\nif [ -e %s ]; then\n%s\nfi\nexec %s \"$@\"\n" % (spoilt, script, good))
    os.chmod(reader, 0o755)

    def spoil(bad):
        if bad:
            with open(spoilt, "w"):
                return
        os.unlink(spoilt)

    return command, spoil


@pytest.mark.parametrize("script, said, patience_s", [
    ("kill -SEGV $$", "the reader crashed", 5),
    ("exit 0", "the reader ended without a report", 5),
    ("exec sleep 1000", "the reader took too long", READER_TIME_S + 10)], ids=["crash", "silence", "hang"])
def test_a_reader_that_fails_is_a_failed_reload(pair, stalls, script, said, patience_s):
    command, spoil_reader = with_reader(pair, script)
    text = global_defs() + instance(200)
    a = pair.start("a", text, command=command)
    pair.wait_master("a")
    spoil_reader(True)
    begin = a.reload(text.replace("priority 200", "priority 150"))
    a.wait_for_log(said, patience_s)
    refused = time.time()
    until(lambda: len(pair.capture["a"].since(refused)) >= 2, 5, "adverts afterwards")
    assert stalls.longest_gap(pair.capture["a"].since(begin)) < 2
    assert {advert.priority for advert in pair.capture["a"].since(begin)} == {200}
    assert said in status_of(a)["configuration"]["refused_reload"]["first"]
    spoil_reader(False)
    again = a.reload()
    until(lambda: [x for x in pair.capture["a"].since(again) if x.priority == 150], 5, "the next reload to be taken")


def test_a_start_that_cannot_run_the_reader_ends(pair):
    command, _ = with_reader(pair, "")
    os.unlink(pair.path("programs/tandem-reader"))
    a = pair.start("a", global_defs() + instance(200), command=command)
    until(lambda: not a.is_running(), 5, "tandemd to give up")
    assert a.process.returncode == 1
    assert "tandem-reader: No such file" in a.log()


@pytest.mark.parametrize("delay_ms", [0, 5, 20, 60, 300])
def test_a_stop_at_any_moment_of_the_start_is_a_stop(pair, delay_ms):
    a = pair.start("a", global_defs() + instance(200) + balanced(80))
    until(lambda: os.path.exists(a.pid_file) or not a.is_running(), 10, "the pid file")
    time.sleep(delay_ms / 1000)
    stop_at_once(a)
    assert not os.path.exists(a.pid_file)


@pytest.mark.parametrize("delay_ms", [0, 5, 20, 60])
def test_a_stop_in_the_middle_of_a_reload_is_a_stop(pair, delay_ms):
    a = pair.start("a", global_defs() + instance(200) + balanced(80))
    pair.wait_master("a")
    begin = a.reload(global_defs() + instance(180) + instance(170, vips=[SECOND], vrid=52))
    time.sleep(delay_ms / 1000)
    stop_at_once(a)
    until(lambda: [x for x in pair.capture["a"].since(begin, vrid=51) if x.priority == 0], 2, "a farewell")
    assert pair.addresses["a"].removals(VIP, begin)


def spoil(path, how):
    if how == "missing":
        os.unlink(path)
    elif how == "not executable":
        os.chmod(path, 0o644)
    elif how == "no program":
        with open(path, "wb") as file:
            file.write(b"\x7fELF and nothing else")
    else:  # what the dynamic linker does when a library is missing
        with open(path, "w") as file:
            file.write("#!/bin/sh\nexit 127\n")


@pytest.mark.parametrize("role", ["reader", "vrrp", "ctl"])
@pytest.mark.parametrize("how, said", [("missing", "No such file"), ("not executable", "Permission denied"),
                                       ("no program", "Exec format"), ("library", "library")])
def test_a_start_fails_at_once_when_a_program_cannot_be_executed(pair, role, how, said):
    command = copy_programs(pair.path("programs"))
    program = pair.path("programs/tandem-" + role)
    spoil(program, how)
    a = pair.start("a", global_defs() + instance(200), command=command)
    a.wait_for_end()
    assert a.process.returncode == 1
    assert os.path.basename(program) in a.log() and said in a.log()
    assert not os.path.exists(a.pid_file)
    until(lambda: not a.survivors(), 5, "its processes to end")


def test_a_program_that_a_reload_cannot_start_is_tried_again(pair):
    command = copy_programs(pair.path("programs"))
    director, away = pair.path("programs/tandem-director"), pair.path("programs/away")
    os.rename(director, away)
    a = pair.start("a", global_defs() + instance(200), command=command)
    pair.wait_master("a")
    begin = a.reload(global_defs() + instance(200) + balanced(80))
    a.wait_for_log("director cannot be started: " + director)
    os.rename(away, director)
    until(lambda: "tandem-director" in a.roles(), 10, "the director")
    assert not pair.addresses["a"].removals(VIP, begin)


def test_a_stop_ends_a_daemon_that_cannot_start_a_program(pair):
    command = copy_programs(pair.path("programs"))
    os.unlink(pair.path("programs/tandem-director"))
    a = pair.start("a", global_defs() + instance(200), command=command)
    pair.wait_master("a")
    begin = a.reload(global_defs() + instance(200) + balanced(80))
    a.wait_for_log("director cannot be started")
    stop_at_once(a)
    until(lambda: [x for x in pair.capture["a"].since(begin, vrid=51) if x.priority == 0], 2, "a farewell")


def test_a_daemon_in_the_background(pair):
    """Whoever starts it without -n gets its prompt back, with exit status 0, when it runs."""
    command = "{build}/tandemd -f {conf} -p {dir}/tandem.pid"
    a = pair.start("a", global_defs() + instance(200), command=command)
    a.wait_for_end()
    assert a.process.returncode == 0
    with open(a.pid_file) as file:
        supervisor = int(file.read())
    try:
        assert is_alive(supervisor) and os.getpgid(supervisor) == supervisor == os.getsid(supervisor)
        assert os.readlink("/proc/%d/cwd" % supervisor) == "/"
        assert {os.readlink("/proc/%d/fd/%d" % (supervisor, fd)) for fd in range(3)} == {"/dev/null"}
        pair.wait_master("a")
        os.kill(supervisor, signal.SIGTERM)
        pair.wait_without("a")
        until(lambda: not is_alive(supervisor) and not os.path.exists(a.pid_file), 5, "the end")
    finally:
        if is_alive(supervisor):
            os.kill(supervisor, signal.SIGKILL)


def test_a_start_in_the_background_tells_of_its_failure(pair):
    command = "{build}/tandemd -f {conf} -p {dir}/tandem.pid"
    a = pair.start("a", global_defs() + instance(200, lines=["use_vmac"]), command=command)
    a.wait_for_end()
    assert a.process.returncode == 2
    assert "use_vmac" in a.log() and not os.path.exists(a.pid_file)


def test_a_start_right_after_the_supervisors_death(pair):
    """The children of the dead one still put their things away while the new one starts."""
    a, _ = pair.both(global_defs() + instance(200), global_defs() + instance(100))
    a.processes()
    os.kill(a.process.pid, signal.SIGKILL)
    a.process.wait()
    a.start()
    pair.wait_master("b")
    pair.wait_master("a")
    pair.wait_without("b")
    time.sleep(3)
    assert pair.has("a") and not pair.has("b")
