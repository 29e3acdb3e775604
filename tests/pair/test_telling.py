"""Who is told of changes: FIFOs and their readers, the scripts of start and stop, and what a death of the teller costs."""
import os
import pwd
import signal
import subprocess
import time

import pytest

from lab.configuration import block, global_defs, instance, sync_group
from lab.namespace import ip_batch
from lab.waiting import until

pytestmark = pytest.mark.host

VIP = "10.9.0.100"


class Pipe:
    """The reading end of a FIFO, opened once the daemon has made it."""

    def __init__(self, path):
        self.path = path
        until(lambda: os.path.exists(path), 10, "the FIFO " + path)
        self.descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        self.text = b""

    def lines(self):
        self.ended()
        return self.text.decode().split("\n")[:-1]

    def ended(self):
        """Reads what is there; true when nobody writes any more."""
        try:
            read = os.read(self.descriptor, 1 << 20)
        except BlockingIOError:
            return False
        self.text += read
        return read == b""

    def wait(self, line, count=1):
        until(lambda: self.lines().count(line) >= count, 10, "the line %r; there are %s" % (line, self.lines()))

    def close(self):
        os.close(self.descriptor)


def script(pair, name, text):
    path = pair.path(name)
    with open(path, "w") as file:
        file.write("#!/bin/sh\n%s\n" % text)
    os.chmod(path, 0o755)
    return path


def read(path):
    try:
        with open(path) as file:
            return file.read()
    except FileNotFoundError:
        return ""


def test_a_fifo_hears_every_change_and_survives_a_death(pair):
    path = pair.path("events")
    text = global_defs("notify_fifo %s nobody" % path) + sync_group("all", ["web"]) + instance(200, name="web")
    a = pair.start("a", text)
    pipe = Pipe(path)
    pipe.wait('INSTANCE "web" MASTER 200')
    pipe.wait('GROUP "all" MASTER 0')
    assert os.stat(path).st_uid == pwd.getpwnam("nobody").pw_uid
    assert os.stat(path).st_mode & 0o777 == 0o600
    scripts = a.child("scripts")
    os.kill(scripts, signal.SIGKILL)
    until(lambda: a.child("scripts") not in (None, scripts), 10, "another scripts process")
    pair.network.unplug(pair.boxes["a"])
    pipe.wait('INSTANCE "web" FAULT 200')
    pair.network.plug(pair.boxes["a"])
    pipe.wait('INSTANCE "web" MASTER 200', 2)
    a.stop()
    pipe.wait('INSTANCE "web" STOP 200')
    states = [line for line in pipe.lines() if line.startswith("INSTANCE")]
    assert states == ['INSTANCE "web" %s 200' % word for word in
                      ("BACKUP", "MASTER", "FAULT", "BACKUP", "MASTER", "STOP")]
    assert b"\0" not in pipe.text
    pipe.close()


def test_a_reader_runs_as_its_user_and_once(pair):
    """It is given the path, survives the death of who started it, and is gone after the stop."""
    path, seen, started = pair.path("events"), pair.path("seen"), pair.path("started")
    for name in (seen, started):
        open(name, "w").close()
        os.chmod(name, 0o666)
    reader = script(pair, "reader", 'echo "$(id -un) $$ $*" >>%s\nwhile read line; do echo "$line" >>%s; done <"$2"'
                    % (started, seen))
    text = global_defs("vrrp_notify_fifo %s nobody" % path, 'vrrp_notify_fifo_script "%s word" nobody' % reader)
    a = pair.start("a", text + instance(200, name="web"))
    until(lambda: 'INSTANCE "web" MASTER 200' in read(seen), 10, "the reader to read MASTER")
    user, pid, words = read(started).split(" ", 2)
    assert (user, words.strip()) == ("nobody", "word " + path)
    scripts = a.child("scripts")
    os.kill(scripts, signal.SIGKILL)
    until(lambda: a.child("scripts") not in (None, scripts), 10, "another scripts process")
    pair.network.unplug(pair.boxes["a"])
    until(lambda: 'INSTANCE "web" FAULT 200' in read(seen), 10, "the reader to read FAULT")
    assert read(started).count("\n") == 1, "a second reader takes half of the lines"
    a.stop()
    assert 'INSTANCE "web" STOP 200' in read(seen)
    until(lambda: not os.path.exists("/proc/" + pid), 5, "the reader to be gone")


def test_a_reader_that_ends_is_started_again(pair):
    path, seen = pair.path("events"), pair.path("seen")
    reader = script(pair, "reader", 'read line <"$1"; echo "$line" >>%s' % seen)
    a = pair.start("a", global_defs("notify_fifo " + path, "notify_fifo_script " + reader) + instance(200, name="web"))
    until(lambda: 'INSTANCE "web" BACKUP 200' in read(seen), 10, "the first line")
    until(lambda: read(seen).count("\n") >= 2, 20, "the second reader's line")
    a.wait_for_log("is started again")


def test_priorities_and_lower_masters(pair):
    """notify_priority_changes, notify_master_rx_lower_pri and their words."""
    path, ran = pair.path("events"), pair.path("ran")
    lower = script(pair, "lower", 'echo "$*" >>%s' % ran)
    boxes = pair.boxes
    ip_batch(["link add side type veth peer name edis", "link set side up", "link set edis up"], boxes["a"].name)
    lines = ["notify_priority_changes", 'notify_master_rx_lower_pri "%s it spoke"' % lower,
             block("track_interface", ["side weight -20"])]
    a = pair.start("a", global_defs("notify_fifo " + path) + instance(200, name="web", lines=lines))
    pair.wait_master("a")
    pipe = Pipe(path)
    ip_batch(["link set edis down"], boxes["a"].name)
    pipe.wait('INSTANCE "web" MASTER_PRIORITY 180')
    ip_batch(["link set edis up"], boxes["a"].name)
    pipe.wait('INSTANCE "web" MASTER_PRIORITY 200')
    pair.network.cut(boxes["b"])
    pair.start("b", global_defs() + instance(100, name="web", advert_int=0.2))
    pair.wait_master("b")
    spoke = time.time()
    until(lambda: pair.capture["a"].since(spoke), 5, "an advert of a, before whose next one b speaks several times")
    pair.network.mend(boxes["b"])
    pipe.wait('INSTANCE "web" MASTER_RX_LOWER_PRI 200')
    until(lambda: "it spoke\n" in read(ran), 10, "notify_master_rx_lower_pri")
    pair.wait_without("b")
    assert a.is_running()
    pipe.close()


def test_states_are_written_again_after_a_reload(pair):
    path = pair.path("events")
    lines = ["notify_fifo " + path, "fifo_write_vrrp_states_on_reload"]
    text = global_defs(*lines) + sync_group("all", ["web"]) + instance(200, name="web")
    a = pair.start("a", text)
    pipe = Pipe(path)
    pipe.wait('INSTANCE "web" MASTER 200')
    pipe.wait('GROUP "all" MASTER 0')
    ran = pair.path("ran")
    a.reload(text.replace("priority 200", "priority 201\n    notify %s" % script(pair, "notify", "echo $* >>" + ran)))
    pipe.wait('GROUP "all" MASTER 0', 2)
    assert 'INSTANCE "web" MASTER 201' in pipe.lines()
    assert not os.path.exists(ran), "nothing changed that a script is for"
    pipe.close()


def test_a_fifo_goes_and_comes_with_reloads(pair):
    first, second = pair.path("first"), pair.path("second")
    plain = instance(200, name="web")
    a = pair.start("a", global_defs("notify_fifo " + first) + plain)
    pipe = Pipe(first)
    pipe.wait('INSTANCE "web" MASTER 200')
    a.reload(global_defs("vrrp_notify_fifo " + second) + plain)
    other = Pipe(second)
    until(pipe.ended, 10, "the end of the first FIFO")
    pair.network.unplug(pair.boxes["a"])
    other.wait('INSTANCE "web" FAULT 200')
    pipe.close()
    other.close()


def test_startup_comes_before_and_shutdown_after_everything(pair):
    seen = pair.path("seen")
    tell = 'echo "%s $(pgrep -c -P $PPID_OF_ALL -x tandem-vrrp) $(ip -4 addr show eth0 | grep -c ' + VIP + ')" >>' + seen
    head = "PPID_OF_ALL=$(cat %s)\n" % pair.path("a/tandem.pid")
    first = script(pair, "first", head + "sleep 1\n" + tell % "startup")
    last = script(pair, "last", head + "sleep 2\n" + tell % "shutdown")
    text = global_defs("startup_script " + first, "shutdown_script " + last, "shutdown_script_timeout 30")
    a = pair.start("a", text + instance(255, state="MASTER"))
    pair.wait_master("a", timeout=15)
    assert read(seen) == "startup 0 0\n"
    a.stop(timeout=30)
    assert read(seen) == "startup 0 0\nshutdown 0 0\n"


def test_a_startup_script_that_hangs_is_ended(pair):
    text = global_defs("startup_script " + script(pair, "first", "sleep 1000"), "startup_script_timeout 1")
    a = pair.start("a", text + instance(255, state="MASTER"))
    pair.wait_master("a", timeout=20)
    a.wait_for_log("(startup_script) still runs after")


def test_a_reload_without_them_runs_no_shutdown_script(pair):
    ran = pair.path("ran")
    last = script(pair, "last", "echo ran >>" + ran)
    a = pair.start("a", global_defs("shutdown_script " + last) + instance(255, state="MASTER"))
    pair.wait_master("a")
    a.reload(global_defs() + instance(255, state="MASTER"))
    until(lambda: a.child("scripts") is None, 10, "the scripts process to go")
    a.stop()
    assert not os.path.exists(ran)


def test_what_was_heard_and_not_begun_is_done_by_the_successor(pair):
    """The scripts process dies while a script runs and the next waits for its turn."""
    ran = pair.path("ran")
    slow = script(pair, "slow", "echo master >>%s; sleep 3" % ran)
    fast = script(pair, "fast", 'echo "$*" >>%s' % ran)
    a = pair.start("a", global_defs() + instance(255, name="web", state="MASTER", lines=[
        "notify_master " + slow, 'notify_fault "%s fault"' % fast, 'notify "%s"' % fast]))
    until(lambda: "master" in read(ran), 10, "the slow script")
    pair.network.unplug(pair.boxes["a"])
    a.wait_for_log("MASTER -> FAULT")
    scripts = a.child("scripts")
    until(lambda: not unread(scripts), 10, "the event to be heard")
    os.kill(scripts, signal.SIGKILL)
    until(lambda: "INSTANCE web FAULT 255" in read(ran), 10, "the general script, run by the successor")
    told = [line for line in read(ran).splitlines() if line != "master"]
    assert told == ["INSTANCE web MASTER 255", "fault", "INSTANCE web FAULT 255"]


def unread(pid):
    """Whether a process is busy rather than waiting for its next event."""
    with open("/proc/%d/stat" % pid) as file:
        return file.read().rpartition(")")[2].split()[0] != "S"


def test_many_stop_scripts_all_run(pair):
    """More than run side by side, each taking a while."""
    ran = pair.path("ran")
    stop = script(pair, "stop", "echo $* >>%s; sleep 0.3" % ran)  # the end of one that takes a second is not waited for
    count = 60
    text = global_defs()
    for number in range(1, count + 1):
        text += instance(255, vips=["10.9.1.%d" % number], vrid=number, name="V%d" % number, state="MASTER",
                         lines=['notify_stop "%s %d"' % (stop, number)])
    a = pair.start("a", text)
    pair.wait_master("a", "10.9.1.%d" % count, timeout=20)
    a.stop(timeout=60)
    assert sorted(int(line) for line in read(ran).split()) == list(range(1, count + 1))


def test_what_cannot_be_is_named(pair):
    """A FIFO where another file is: an error, and all else works."""
    path = pair.path("events")
    with open(path, "w") as file:
        file.write("precious")
    a = pair.start("a", global_defs("notify_fifo " + path) + instance(255, state="MASTER"))
    pair.wait_master("a")
    a.wait_for_log("FIFO %s cannot be used: it is no FIFO" % path)
    assert read(path) == "precious"
    assert subprocess.run(["test", "-f", path]).returncode == 0
