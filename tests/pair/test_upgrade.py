"""tandemctl upgrade: a running daemon becomes the version now installed, and nobody outside notices."""
import json
import os
import signal
import subprocess
import time

import pytest

from lab.configuration import global_defs, instance, real_server, tcp_check, virtual_server
from lab.programs import NEXT_VERSION, Installation
from lab.timers import master_down
from lab.waiting import never, until
from pair.test_supervisor import Manager

pytestmark = pytest.mark.host

VIP = "10.9.0.100"


@pytest.fixture
def installed(pair):
    return Installation(pair.path("programs"))


def conf(priority, lines=()):
    """One that needs every process."""
    return (global_defs() + instance(priority, lines=['notify "/bin/true"'] + list(lines))
            + virtual_server(VIP, 80, "NAT", [real_server("127.0.0.1", 80, tcp_check())]))


def start_both(pair, installed, text_a, text_b):
    """a, from the installed programs, is master; b is its backup."""
    a = pair.start("a", text_a, command=installed.command)
    pair.wait_master("a")
    b = pair.start("b", text_b)
    until(lambda: pair.is_listening(b), 10, "b to run as backup")
    until(lambda: len(pair.capture["a"].adverts) >= 3, 10, "a third advert")
    return a, b


def programs_of(daemon):
    """{role: (pid, whether its file is that now installed)}."""
    found = {}
    for pid in daemon.processes():
        try:
            path = os.readlink("/proc/%d/exe" % pid)
        except FileNotFoundError:  # it has just ended
            continue
        found[os.path.basename(path.removesuffix(" (deleted)"))] = (pid, not path.endswith("(deleted)"))
    return found


def assert_unnoticed(pair, begin):
    """Since then a was master without a pause that anybody could have taken for its end."""
    adverts = pair.capture["a"].since(begin)
    gaps = [later.time - earlier.time for earlier, later in zip(adverts, adverts[1:])]
    assert max(gaps) < master_down(100), "a gap of %.2f s between adverts" % max(gaps)
    assert {advert.priority for advert in adverts} == {200}
    assert not pair.addresses["a"].removals(VIP, begin), "the VIP was absent"
    assert not pair.capture["b"].since(begin), "b became master"
    assert not [e for e in pair.addresses["b"].events if e.address == VIP]


def read(path):
    """The file's text, "" while there is none."""
    if not os.path.exists(path):
        return ""
    with open(path) as file:
        return file.read()


def begin_of(pair):
    return pair.capture["a"].adverts[-1].time


def test_the_master_is_upgraded_again_and_again_unnoticed(pair, installed):
    a, _ = start_both(pair, installed, conf(200), conf(100))
    begin = begin_of(pair)
    for number in range(3):
        before = programs_of(a)
        version = NEXT_VERSION[:-1] + str(number)
        installed.install(version)
        status, said = installed.tandemctl(a, "upgrade")
        assert status == 0, said
        assert version in said
        after = programs_of(a)
        assert set(after) == set(before)
        assert after["tandemd"] == (before["tandemd"][0], True), "another supervisor process, or the old program"
        assert all(new for _, new in after.values()), "an old program runs: %s" % after
        assert not {pid for pid, _ in after.values()} & {pid for name, (pid, _) in before.items() if name != "tandemd"}
    time.sleep(2.2)
    assert_unnoticed(pair, begin)
    assert "tandem %s runs" % version in a.log()
    status = json.loads(installed.tandemctl(a, "--json", "status")[1])
    assert status["instances"][0]["state"] == "MASTER"
    assert status["instances"][0]["adverts"]["sent"] >= len(pair.capture["a"].adverts) - 2, "the counters began anew"


def test_an_upgrade_is_a_reload_first(pair, installed):
    """An address taken out of the file meanwhile is put away, not forgotten."""
    a = pair.start("a", global_defs() + instance(200, vips=[VIP, "10.9.0.101"]), command=installed.command)
    pair.wait_master("a")
    a.configure(global_defs() + instance(200))
    installed.install(NEXT_VERSION)
    begin = begin_of(pair)
    assert installed.tandemctl(a, "upgrade")[0] == 0
    until(lambda: not pair.has("a", "10.9.0.101"), 5, "the address to go")
    assert not pair.addresses["a"].removals(VIP, begin)


def test_after_an_upgrade_the_daemon_reloads_repairs_and_stops(pair, installed):
    a, _ = start_both(pair, installed, conf(200), conf(100))
    installed.install(NEXT_VERSION)
    assert installed.tandemctl(a, "upgrade")[0] == 0
    begin = begin_of(pair)
    for role in ("vrrp", "links", "director", "checker", "scripts", "ctl"):
        victim = a.child(role)
        os.kill(victim, signal.SIGKILL)
        until(lambda: a.child(role) not in (None, victim), 10, "the successor of tandem-" + role)
        time.sleep(0.5)
    assert_unnoticed(pair, begin)
    reloaded = a.reload(conf(180))
    until(lambda: [x for x in pair.capture["a"].since(reloaded) if x.priority == 180], 5, "the new configuration")
    stopped = time.time()
    a.stop()
    assert a.process.returncode == 0
    until(lambda: [x for x in pair.capture["a"].since(stopped) if x.priority == 0], 2, "a farewell")
    assert not os.path.exists(a.pid_file)
    pair.wait_master("b")


def test_until_it_is_upgraded_a_daemon_repairs_itself_with_its_own_version(pair, installed):
    """Another version's process would not understand its messages; and a reload reads with the reader of its own."""
    a, _ = start_both(pair, installed, conf(200), conf(100))
    begin = begin_of(pair)
    installed.install(NEXT_VERSION, change=lambda name, program: program if name == "tandemctl" else b"#!/bin/false\n")
    for role in ("vrrp", "links"):
        victim, _ = programs_of(a)["tandem-" + role]
        os.kill(victim, signal.SIGKILL)
        until(lambda: programs_of(a).get("tandem-" + role, victim) not in (victim, (victim, False)), 10, "a successor")
        assert not programs_of(a)["tandem-" + role][1], "it is of the new version"
        time.sleep(0.5)
    a.reload(conf(200, ["garp_master_delay 3"]))
    a.wait_for_log("the new configuration is in force")
    assert_unnoticed(pair, begin)


REFUSALS = {
    "configuration": (lambda a, installed: a.configure(global_defs("strict") + "no_such_word\n"), "no_such_word"),
    "contract": (lambda a, installed: installed.write("tandemd", b"#!/bin/sh\necho takes a restart\nexit 3\n"), "restart"),
    "crash": (lambda a, installed: installed.write("tandemd", b"#!/bin/sh\nkill -SEGV $$\n"), "crashed"),
    "missing": (lambda a, installed: os.unlink(installed.directory + "/tandemd"), "cannot be run"),
    "no program": (lambda a, installed: installed.write("tandemd", b"\x7fELF nonsense"), "cannot be run"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_cannot_take_over_is_not_started(pair, installed, name):
    spoil, said_about_it = REFUSALS[name]
    a, _ = start_both(pair, installed, conf(200), conf(100))
    begin = begin_of(pair)
    before = a.processes()
    installed.install(NEXT_VERSION)
    spoil(a, installed)
    status, said = installed.tandemctl(a, "upgrade")
    assert status == 2 and said_about_it in said, (status, said)
    a.wait_for_log("not upgraded")
    time.sleep(1.5)
    assert a.processes() == before
    assert_unnoticed(pair, begin)


def test_a_service_manager_hears_of_an_upgrade_as_of_reloads(pair, installed):
    manager = Manager(pair)
    a = pair.start("a", conf(200), command=installed.command, wrapper=manager.environment(watchdog_s=2))
    pair.wait_master("a")
    until(lambda: manager.times("READY"), 5, "READY")
    assert installed.tandemctl(a, "upgrade")[0] == 0
    until(lambda: manager.order("READY", "RELOADING") == ["READY"] + 2 * ["RELOADING", "READY"], 5,
          "the end of it")
    assert manager.heard() and {m["MAINPID"] for m in manager.messages if "MAINPID" in m} == {str(a.process.pid)}
    beats = manager.times("WATCHDOG")
    until(lambda: manager.times("WATCHDOG") > beats + 1, 5, "the watchdog to be fed further")
    a.stop()
    assert manager.order("STOPPING") == ["STOPPING"]


def test_a_script_that_runs_during_the_upgrade_ends_by_itself_and_none_is_lost(pair, installed):
    diary, script = pair.path("diary"), pair.path("script")
    with open(script, "w") as file:
        file.write('#!/bin/sh\necho "$3 begins" >>%s\n[ "$3" != MASTER ] || sleep 2\necho "$3 ends" >>%s\n' % (diary, diary))
    os.chmod(script, 0o755)
    a = pair.start("a", global_defs() + instance(200, lines=['notify "%s"' % script]), command=installed.command)
    until(lambda: "MASTER begins" in read(diary), 10, "the script of MASTER")
    assert installed.tandemctl(a, "upgrade")[0] == 0
    until(lambda: "MASTER ends" in read(diary), 10, "the script to end")
    pair.network.unplug(pair.boxes["a"])
    until(lambda: "FAULT ends" in read(diary), 10, "the script of FAULT")
    words = read(diary).split("\n")
    for state in ("BACKUP", "MASTER", "FAULT"):
        assert words.count(state + " begins") == words.count(state + " ends") == 1, words
    assert "SIGKILL" not in a.log() and "killed" not in a.log()


def test_an_upgrade_of_a_daemon_in_the_background_with_relative_paths(pair, installed):
    """It changed its directory when it went there; its command line is still right where it was given."""
    a = pair.daemon("a", global_defs() + instance(200), wrapper=["env", "-C", pair.path("a")],
                    command=installed.directory + "/tandemd -f test.conf -p tandem.pid").start()
    a.wait_for_end()
    with open(a.pid_file) as file:
        supervisor = int(file.read())
    try:
        pair.wait_master("a")
        begin = begin_of(pair)
        installed.install(NEXT_VERSION)
        status, said = installed.tandemctl(a, "upgrade")
        assert (status, NEXT_VERSION in said) == (0, True), said
        assert os.readlink("/proc/%d/exe" % supervisor) == installed.directory + "/tandemd"
        assert os.readlink("/proc/%d/cwd" % supervisor) == "/"
        assert not pair.addresses["a"].removals(VIP, begin)
        os.kill(supervisor, signal.SIGTERM)
        pair.wait_without("a")
        until(lambda: not os.path.exists(a.pid_file), 5, "the end")
    finally:
        if os.path.exists("/proc/%d" % supervisor):
            os.kill(supervisor, signal.SIGKILL)


@pytest.mark.parametrize("delay_ms", [0, 20, 60, 120, 250])
def test_a_stop_in_the_middle_of_an_upgrade_is_a_stop(pair, installed, delay_ms):
    a = pair.start("a", conf(200), command=installed.command)
    pair.wait_master("a")
    begin = begin_of(pair)
    a.processes()
    order = pair.boxes["a"].command(installed.directory + "/tandemctl", "-p", a.pid_file, "upgrade")
    client = subprocess.Popen(order, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(delay_ms / 1000)
    try:
        a.stop()
        assert a.process.returncode == 0
        pair.wait_without("a")
        until(lambda: [x for x in pair.capture["a"].since(begin) if x.priority == 0], 2, "a farewell")
        never(lambda: pair.has("a"), 1, "the VIP came back")
    finally:
        client.kill()
        client.wait()
