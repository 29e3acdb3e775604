"""The processes as the kernel sees them: who has which powers, and how several daemons share a machine."""
import os
import pwd
import re
import signal
import socket
import time

import pytest

from lab.configuration import global_defs, instance, real_server, tcp_check, virtual_server
from lab.daemon import KEEPALIVED, is_sanitized, program
from lab.waiting import never, until

pytestmark = pytest.mark.host

VIP = "10.9.0.100"
CAPABILITIES = {"NET_BIND_SERVICE": 10, "NET_ADMIN": 12, "NET_RAW": 13, "SETGID": 6, "SETUID": 7, "KILL": 5,
                "CHOWN": 0}

# Design, "Processes: split by trust": what each keeps; whether system calls are filtered and privileges by exec barred.
PRIVILEGES = {
    "tandem-links": ({"NET_ADMIN", "NET_RAW", "NET_BIND_SERVICE"}, True),
    "tandem-vrrp": (set(), True),
    "tandem-director": ({"NET_ADMIN"}, True),
    "tandem-checker": (set(), True),
    "tandem-scripts": ({"SETUID", "SETGID", "KILL", "CHOWN"}, False),
    "tandem-ctl": (set(), True),
}


def conf(priority=200):
    return (global_defs() + instance(priority, lines=['notify "/bin/true"'])
            + virtual_server(VIP, 80, "NAT", [real_server("127.0.0.1", 80, tcp_check())]))


def status_of(pid):
    with open("/proc/%d/status" % pid) as file:
        return dict(re.findall(r"^(\w+):[ \t]*(.*)$", file.read(), re.M))


def expected_user():
    for name in ("tandem", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            pass
    raise AssertionError("this machine has no user nobody")


def test_privileges_are_those_of_the_design(pair):
    a = pair.start("a", conf())
    pair.wait_master("a")
    until(lambda: set(a.roles()) == set(PRIVILEGES) | {"tandemd"}, 10, "just these processes, and no script")
    roles = a.roles()
    until(lambda: all(status_of(roles[name])["Uid"].split()[1] != "0" and (status_of(roles[name])["Seccomp"] == "2") == confined
                      for name, (_, confined) in PRIVILEGES.items()), 10, "all to have put their privileges away")
    for name, (capabilities, confined) in PRIVILEGES.items():
        status = status_of(roles[name])
        bits = sum(1 << CAPABILITIES[word] for word in capabilities)
        assert [int(status[kind], 16) for kind in ("CapEff", "CapPrm")] == [bits, bits], name
        assert status["Uid"].split() == [str(expected_user())] * 4, name
        assert status["Groups"].strip() == "", name
        assert status["NoNewPrivs"] == ("1" if confined else "0"), name
        assert status["Seccomp"] == ("2" if confined else "0"), name
        if confined:
            assert int(status["CapBnd"], 16) & ~bits == 0, name


def watch_reader(daemon, begins_within):
    """What /proc says of the next reader, as often as it can be asked until it has ended."""
    seen, end, running = [], time.monotonic() + begins_within, False
    while running or (not seen and time.monotonic() < end):
        with open("/proc/%d/task/%d/children" % (daemon.process.pid, daemon.process.pid)) as file:
            readers = [int(pid) for pid in file.read().split() if program(int(pid)) == "tandem-reader"]
        running = bool(readers)
        for pid in readers:
            try:
                seen.append(status_of(pid))
            except (FileNotFoundError, ProcessLookupError):
                pass
    return seen


def test_the_reader_reads_files_as_root_and_can_do_nothing_else(pair):
    text = global_defs() + instance(200)
    a = pair.start("a", text)
    pair.wait_master("a")
    text += "# a line that takes a little time to read, a little time to read, a little time to read\n" * 200000

    def last_look():
        """It may have been gone before we got a turn for a second look."""
        a.reload(text)
        seen = watch_reader(a, 10)
        return seen and seen[-1]["Seccomp"] == "2" and seen[-1]

    status, user = until(last_look, 30, "a reader that is confined while it reads"), str(expected_user())
    assert status["Uid"].split() == [user, user, user, "0"], "real, effective, saved, file system"
    assert [int(status[kind], 16) for kind in ("CapEff", "CapPrm", "CapBnd")] == [0, 0, 0]
    assert status["Groups"].strip() == "" and status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"


def test_only_the_processes_the_configuration_needs_are_started(pair):
    a = pair.start("a", global_defs() + instance(200))
    pair.wait_master("a")
    assert set(a.roles()) == {"tandemd", "tandem-links", "tandem-vrrp", "tandem-ctl"}


def test_the_time_critical_process_has_locked_memory_and_real_time_priority(pair):
    a = pair.start("a", conf())
    pair.wait_master("a")
    vrrp = a.child("vrrp")
    assert os.sched_getscheduler(vrrp) & ~0x40000000 == os.SCHED_RR
    if not is_sanitized():  # locking would make the sanitizer's terabytes real
        assert int(status_of(vrrp)["VmLck"].split()[0]) > 0


def test_two_daemons_on_one_file_system(pair):
    """Two namespaces, one /run: they differ in -f and -p alone."""
    a = pair.start("a", conf(200))
    b = pair.start("b", conf(100))
    pair.wait_master("a")
    sockets = [daemon.pid_file.replace(".pid", ".sock") for daemon in (a, b)]
    for daemon, path in zip((a, b), sockets):
        with open(daemon.pid_file) as file:
            assert int(file.read()) == daemon.process.pid
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
    a.stop()
    assert not os.path.exists(a.pid_file) and not os.path.exists(sockets[0])
    assert os.path.exists(b.pid_file) and os.path.exists(sockets[1])
    pair.wait_master("b")


def test_a_second_daemon_with_the_same_pid_file_is_refused(pair):
    a = pair.start("a", conf())
    pair.wait_master("a")
    second = pair.daemon("a", conf(), command=a.command.replace("{dir}", a.directory), name="second").start()
    until(lambda: not second.is_running(), 5, "the second daemon to refuse")
    assert second.process.returncode != 0
    assert str(a.process.pid) in second.log(), "it does not say who is running"
    assert a.is_running()


def test_a_running_keepalived_with_our_virtual_router_is_refused(pair):
    pair.daemon("a", global_defs() + instance(200), command=KEEPALIVED, name="keepalived").start()
    pair.wait_master("a")
    ours = pair.start("a", global_defs() + instance(200))
    until(lambda: not ours.is_running(), 10, "tandemd to refuse")
    assert ours.process.returncode != 0
    assert "keepalived" in ours.log() and re.search(r"\b51\b|V51", ours.log()), "it does not say why"
    assert pair.has("a")


STALLED_LOG = """
mount -t tmpfs none /mnt && mkdir /mnt/dev && for n in null zero full random urandom; do
    touch /mnt/dev/$n && mount --bind /dev/$n /mnt/dev/$n || exit 1; done
ln -s %s /mnt/dev/log && mount --rbind /mnt/dev /dev && exec "$@"
"""


def test_a_stalled_syslog_delays_nothing(pair, stalls):
    """/dev/log is a socket nobody reads: logging to it blocks whoever waits for it."""
    path = pair.path("log-socket")
    stalled = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    stalled.bind(path)
    filler = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    filler.connect(path)
    filler.setblocking(False)
    with pytest.raises(BlockingIOError):
        while True:
            filler.send(b"x")
    text = conf()
    command = "{build}/tandemd -n -D -f {conf} -p {dir}/tandem.pid"  # without -l: to syslog
    wrapper = ["unshare", "-m", "sh", "-c", STALLED_LOG % path, "sh"]
    a = pair.start("a", text, command=command, wrapper=wrapper)
    pair.wait_master("a")
    begin = time.time()
    for number in range(5):
        a.reload(text + "# %d\n" % number)
        time.sleep(1)
    adverts = pair.capture["a"].since(begin)
    gaps = [later.time - earlier.time for earlier, later in zip(adverts, adverts[1:])]
    assert len(gaps) >= 3 and stalls.longest_gap(adverts) < 1.1
    a.stop()
    stalled.close()


def test_sigint_stops_as_sigterm_does(pair):
    a = pair.start("a", global_defs() + instance(200))
    pair.wait_master("a")
    begin = a.signal(signal.SIGINT)
    a.wait_for_end()
    assert a.process.returncode == 0
    until(lambda: [x for x in pair.capture["a"].since(begin) if x.priority == 0], 5, "the farewell")
    assert not pair.has("a")
    assert not os.path.exists(a.pid_file)
