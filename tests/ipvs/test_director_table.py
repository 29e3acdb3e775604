"""tandem-director alone against a kernel with IPVS: play_supervisor plays everybody around it, ipvsadm reads the table,
and nlmon counts what was really sent to the kernel."""
import os
import re
import socket
import struct
import subprocess
import threading
import time

import pytest

from lab.namespace import Namespace, ip_batch
from lab.waiting import never, until

pytestmark = pytest.mark.lab

BUILD = os.environ.get("TANDEM_BUILD", "build")
FOREIGN = "-A -t 203.0.113.9:99 -s rr\n-a -t 203.0.113.9:99 -r 10.9.9.9:99 -m -w 7\n"
FOREIGN_SAVED = {"-A -t 203.0.113.9:99 -s rr", "-a -t 203.0.113.9:99 -r 10.9.9.9:99 -m -w 7"}
WEB = "virtual 192.0.2.10 80 tcp wrr %s\nreal 10.0.0.5 80 1 nat %s\nreal 10.0.0.6 80 2 nat %s\n"
WEB_SAVED = {"-A -t 192.0.2.10:80 -s wrr", "-a -t 192.0.2.10:80 -r 10.0.0.5:80 -m -w 1",
             "-a -t 192.0.2.10:80 -r 10.0.0.6:80 -m -w 2"}
CHANGING_COMMANDS = {1, 2, 3, 5, 6, 7}  # new, set, del of service and destination; flush would be 16


class Director:
    """A tandem-director and the player of its surroundings, in a namespace of their own."""

    def __init__(self, space, directory):
        self.space, self.directory = space, directory
        self.journal = os.path.join(directory, "journal")
        self.lines, self.process = [], None
        self.play()

    def play(self):
        """A new player: all that the old one held, the board too, is lost."""
        programs = [os.path.join(BUILD, name) for name in ("play_supervisor", "tandem-director")]
        self.process = subprocess.Popen(self.space.command(*programs, self.journal), text=True, bufsize=1,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.lines = []
        threading.Thread(target=self._read, args=(self.process, self.lines), daemon=True).start()

    @staticmethod
    def _read(process, lines):
        for line in process.stdout:
            lines.append(line.rstrip("\n"))

    def say(self, command):
        self.process.stdin.write(command + "\n")

    def expect(self, start, timeout=10):
        """Takes out the first line that begins so, waiting for it."""
        line = until(lambda: next((line for line in self.lines if line.startswith(start)), None), timeout,
                     "%r, got %s" % (start, self.lines))
        self.lines.remove(line)
        return line

    def has(self, text):
        return any(text in line for line in self.lines)

    def configure(self, text):
        path = os.path.join(self.directory, "configuration")
        with open(path, "w") as file:
            file.write(text)
        return path

    def start(self, text, timeout=30):
        self.say("start " + self.configure(text))
        self.expect("ready", timeout)
        self.expect("table full")

    def reload(self, text, tell=True):
        self.say("reload " + self.configure(text))
        self.expect("reloaded 1", 30)
        if tell:
            self.say("tell")
        return int(self.expect("log 6 reloaded: ").split()[3])

    def record(self, virtual="-", real="-"):
        self.say("record %s %s" % (virtual, real))
        words = self.expect("record").split()[1:]
        return {name: int(value) for name, value in (word.split("=") for word in words)}

    def kill_everything(self):
        self.say("kill")
        self.expect("ended 9")
        self.close()

    def close(self):
        self.process.stdin.close()
        self.process.wait(60)

    def saved(self):
        """The table as ipvsadm saves it: a set of lines, defaults left out."""
        text = self.space.run("ipvsadm", "-Sn")
        lines = (line.strip() for line in text.splitlines())
        return {line.replace(" --tun-type ipip", "") for line in lines if line}

    def edit(self, lines):
        """Somebody else's ipvsadm."""
        subprocess.run(self.space.command("ipvsadm", "-R"), input=lines, text=True, check=True)

    def wait_saved(self, wanted, timeout=10):
        until(lambda: self.saved() == wanted, timeout, "%s, there is %s" % (sorted(wanted), sorted(self.saved())), every=0.05)


class Monitor:
    """Counts the IPVS commands sent to the kernel in a namespace, by nlmon."""

    def __init__(self, space):
        ip_batch(["link add nlmon0 type nlmon", "link set nlmon0 up"], space.name)
        with space.entered():
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.socket.setsockopt(socket.SOL_SOCKET, 33, 16 << 20)  # SO_RCVBUFFORCE
        self.socket.bind(("nlmon0", 3))
        self.socket.setblocking(False)
        self.family = None

    def datagrams(self):
        while True:
            try:
                yield self.socket.recv(1 << 17)
            except BlockingIOError:
                return

    @staticmethod
    def messages(datagram):
        # behind the cooked header of 16 bytes, if there is one
        for offset in (0, 16):
            at, found = offset, []
            while at + 20 <= len(datagram):
                length, kind, flags = struct.unpack_from("IHH", datagram, at)
                if length < 16 or at + length > len(datagram):
                    break
                found.append((kind, flags, datagram[at + 16]))
                at += (length + 3) & ~3
            if found and at >= len(datagram):
                return found
        return []

    def changes(self):
        """Numbers of the commands since the last call that change the table."""
        seen = []
        for datagram in self.datagrams():
            for kind, flags, command in self.messages(datagram):
                if kind > 16 and flags == 0x5 and command in CHANGING_COMMANDS | {16}:  # REQUEST | ACK
                    seen.append(command)
        return seen

    def close(self):
        self.socket.close()


@pytest.fixture
def director(tmp_path_factory):
    space = Namespace("director-%d" % os.getpid())
    ip_batch(["netns add " + space.name])
    ip_batch(["link set lo up"], space.name)  # without any address the kernel takes no address for unicast
    one = Director(space, str(tmp_path_factory.mktemp("director")))
    yield one
    one.process.kill()
    one.process.wait()
    space.delete()


@pytest.fixture
def monitor(director):
    one = Monitor(director.space)
    yield one
    one.close()


def test_start_programs_every_kind_of_entry(director):
    director.edit(FOREIGN)
    director.start(
        "virtual 192.0.2.10 80 tcp wrr persist=300\n"
        "real 10.0.0.5 80 1 nat upper=100 lower=50\nreal 10.0.0.6 8080 0 nat\n"
        "virtual 192.0.2.10 53 udp sh flags=16\nreal 10.0.0.5 53 65535 dr\n"
        "virtual 2001:db8::1 443 tcp wlc persist=60\nreal 2001:db8::5 443 3 tun\nreal 2001:db8::6 443 4 nat\n")
    assert director.saved() == FOREIGN_SAVED | {
        "-A -t 192.0.2.10:80 -s wrr -p 300", "-a -t 192.0.2.10:80 -r 10.0.0.5:80 -m -w 1",
        "-a -t 192.0.2.10:80 -r 10.0.0.6:8080 -m -w 0", "-A -u 192.0.2.10:53 -s sh -b sh-port",
        "-a -u 192.0.2.10:53 -r 10.0.0.5:53 -g -w 65535", "-A -t [2001:db8::1]:443 -s wlc -p 60",
        "-a -t [2001:db8::1]:443 -r [2001:db8::5]:443 -i -w 3", "-a -t [2001:db8::1]:443 -r [2001:db8::6]:443 -m -w 4"}
    words = [line.split() for line in director.space.run("ipvsadm", "-Ln", "--thresholds").splitlines()]
    assert ["->", "10.0.0.5:80", "100", "50", "0", "0"] in words
    assert director.record()["up"] == 1
    assert director.record(0, 0) == {"kind": 2, "up": 1, "live_weight": 1, "in_table": 1, "last_error": 0, "changes": 0,
                                     "mended": 0}
    director.say("stop")
    director.expect("stopped")
    director.expect("ended 0")
    assert director.saved() == FOREIGN_SAVED
    assert os.path.getsize(director.journal) == 0


def test_verdicts_move_servers_and_quorum(director, monitor):
    director.start(WEB % ("quorum=2", "", "inhibit"))
    monitor.changes()
    director.say("verdict 0 0 0 down")
    director.expect("notify real 0 0 down")
    director.wait_saved({"-A -t 192.0.2.10:80 -s wrr", "-a -t 192.0.2.10:80 -r 10.0.0.6:80 -m -w 2"})
    assert not director.has("notify quorum")
    director.say("verdict 0 1 0 down")
    director.expect("notify real 0 1 down")
    director.expect("notify quorum 0 down")
    director.expect("log 5 virtual server 192.0.2.10:80 TCP is down: live weight 0, quorum 2")
    director.wait_saved({"-A -t 192.0.2.10:80 -s wrr", "-a -t 192.0.2.10:80 -r 10.0.0.6:80 -m -w 0"})
    until(lambda: (director.record(0, 0)["in_table"], director.record(0, 1)["in_table"]) == (0, 1), 5, "the board to say so")
    director.say("verdict 0 1 0 up")
    director.expect("notify real 0 1 up")
    director.expect("notify quorum 0 up")
    director.say("verdict 0 0 0 up")
    director.expect("notify real 0 0 up")
    director.expect("log 5 real server 10.0.0.5:80 of 192.0.2.10:80 TCP is up: weight 1")
    director.wait_saved(WEB_SAVED)
    assert monitor.changes() == [7, 6, 6, 5]


def test_reload_sends_only_the_difference(director, monitor):
    director.start(WEB % ("", "", "") + "virtual 192.0.2.11 80 tcp rr\nreal 10.0.0.5 80 1 nat\n")
    director.say("verdict 0 0 0 down")
    director.expect("notify real 0 0 down")
    monitor.changes()
    assert director.reload(WEB % ("", "", "") + "virtual 192.0.2.11 80 tcp rr\nreal 10.0.0.5 80 1 nat\n") == 0
    assert monitor.changes() == []  # not even for the server that is down
    director.reload("virtual 192.0.2.10 80 tcp rr\nreal 10.0.0.5 80 1 nat\nreal 10.0.0.6 80 5 nat\n"
                    "real 10.0.0.7 80 1 dr\nvirtual 192.0.2.12 80 tcp rr\nreal 10.0.0.5 80 1 nat\n")
    director.expect("notify real gone down")
    director.expect("notify quorum gone down")
    director.wait_saved({"-A -t 192.0.2.10:80 -s rr", "-a -t 192.0.2.10:80 -r 10.0.0.6:80 -m -w 5",
                         "-a -t 192.0.2.10:80 -r 10.0.0.7:80 -g -w 1", "-A -t 192.0.2.12:80 -s rr",
                         "-a -t 192.0.2.12:80 -r 10.0.0.5:80 -m -w 1"})
    assert sorted(monitor.changes()) == [1, 2, 3, 5, 5, 6]


def test_in_a_reload_the_table_is_first_and_scripts_hear_later(director):
    director.start(WEB % ("", "", "") + "virtual 192.0.2.11 80 tcp rr\nreal 10.0.0.5 80 1 nat\n")
    director.reload("virtual 192.0.2.12 80 tcp rr\nreal 10.0.0.5 80 1 nat\nreal 10.0.0.6 80 1 nat\n", tell=False)
    director.wait_saved({"-A -t 192.0.2.12:80 -s rr", "-a -t 192.0.2.12:80 -r 10.0.0.5:80 -m -w 1",
                         "-a -t 192.0.2.12:80 -r 10.0.0.6:80 -m -w 1"})
    director.say("verdict 0 0 0 down")  # of the new configuration: it waits, too, behind what came before it
    director.expect("log 5 real server 10.0.0.5:80 of 192.0.2.12:80 TCP is down")
    assert not director.has("notify")
    director.say("tell")
    director.expect("notify real 0 0 down")
    told = [line for line in director.lines if line.startswith("notify")]
    assert told and all("gone down" in line for line in told), told
    director.say("verdict 0 1 0 down")
    director.expect("notify real 0 1 down")


def test_what_somebody_else_did_to_ours_is_mended_within_10_s(director, monitor):
    """A service is harmed in each way, all at once: one audit round, or two, is waited for."""
    edits = ["-D -t %s", "-d -t %s -r 10.0.0.5:80", "-e -t %s -r 10.0.0.5:80 -m -w 9", "-E -t %s -s rr -p 5",
             "-a -t %s -r 10.0.0.66:80 -m"]
    names = ["192.0.2.%d" % (10 + number) for number in range(len(edits))]
    director.start("".join((WEB % ("", "", "")).replace("192.0.2.10", name) for name in names))
    ours = {line.replace("192.0.2.10", name) for line in WEB_SAVED for name in names}
    director.wait_saved(ours)
    director.edit(FOREIGN)
    director.edit("".join(edit % (name + ":80") + "\n" for edit, name in zip(edits, names)))
    told = r"log 4 somebody else changed (\d) of our virtual servers in the IPVS table \((\S+):80 TCP"

    def found():
        return [match for match in (re.match(told, line) for line in list(director.lines)) if match]

    director.wait_saved(ours | FOREIGN_SAVED)
    until(lambda: 0 < director.record()["mended"] == sum(int(match[1]) for match in found()), 5, "it to be told and counted")
    assert {match[2] for match in found()} <= set(names)
    director.space.run("ipvsadm", "-C")
    director.wait_saved(ours, 10)
    monitor.changes()
    never(monitor.changes, 6, "a round without anything to mend sends nothing")


def test_killed_director_finds_everything_as_it_left_it(director, monitor):
    director.start(WEB % ("", "", ""))
    director.say("verdict 0 0 0 down")
    director.expect("notify real 0 0 down")
    monitor.changes()
    for _ in range(3):
        director.say("kill")
        director.expect("ended 9")
        director.say("respawn")
        director.expect("ready")
        director.expect("table full")
    time.sleep(0.5)
    assert monitor.changes() == []
    assert not director.has("notify")
    assert director.record(0, 0)["up"] == 0
    director.say("verdict 0 0 0 up")
    director.expect("notify real 0 0 up")


def test_everything_killed_then_started_again(director, monitor):
    text = WEB % ("", "", "") + "virtual 192.0.2.11 80 tcp rr\nreal 10.0.0.5 80 1 nat\n"
    director.edit(FOREIGN)
    director.start(text)
    director.kill_everything()
    director.play()
    monitor.changes()
    director.start(text)
    assert monitor.changes() == []  # adopted
    director.kill_everything()
    director.edit("-A -u 203.0.113.8:98 -s rr\n")
    director.play()
    monitor.changes()
    director.start("virtual 192.0.2.11 80 tcp rr\nreal 10.0.0.7 80 1 nat\n")
    assert director.saved() == FOREIGN_SAVED | {"-A -u 203.0.113.8:98 -s rr", "-A -t 192.0.2.11:80 -s rr",
                                                "-a -t 192.0.2.11:80 -r 10.0.0.7:80 -m -w 1"}
    assert sorted(monitor.changes()) == [3, 5, 7]


def test_a_damaged_journal_costs_nobody_a_service(director):
    director.edit(FOREIGN)
    director.start(WEB % ("", "", ""))
    director.kill_everything()
    with open(director.journal, "r+b") as file:
        file.seek(130)
        file.write(b"garbage")
    director.play()
    director.start("virtual 192.0.2.11 80 tcp rr\n")
    director.expect("log 4 the IPVS journal is damaged")
    assert director.saved() == FOREIGN_SAVED | WEB_SAVED | {"-A -t 192.0.2.11:80 -s rr"}


def test_supervisor_gone_waits_for_vrrp(director):
    director.edit(FOREIGN)
    director.start(WEB % ("omega", "", ""))
    director.say("gone")
    time.sleep(1)
    assert director.saved() == WEB_SAVED | FOREIGN_SAVED
    director.say("vrrp-gone")
    director.wait_saved(FOREIGN_SAVED, 2)
    for line in ("notify real 0 0 down", "notify real 0 1 down", "notify quorum 0 down"):
        director.expect(line)
    director.say("reap")
    director.expect("ended 0")


def test_a_refusal_is_told_once_in_words_and_the_rest_goes_on(director):
    director.start("virtual 192.0.2.9 80 tcp nosuch\nreal 10.0.0.5 80 1 nat\n" + WEB % ("", "", ""))
    director.expect('log 3 virtual server 192.0.2.9:80 TCP cannot be added: the kernel has no scheduler "nosuch"')
    assert director.saved() == WEB_SAVED
    until(lambda: director.record(0, "-")["last_error"] == 2, 5, "the error on the board")
    time.sleep(6)
    assert not director.has("log 3")
    director.reload("virtual 192.0.2.9 80 tcp rr\nreal 10.0.0.5 80 1 nat\n" + WEB % ("", "", ""))
    director.wait_saved(WEB_SAVED | {"-A -t 192.0.2.9:80 -s rr", "-a -t 192.0.2.9:80 -r 10.0.0.5:80 -m -w 1"})
    until(lambda: director.record(0, "-")["last_error"] == 0, 5, "the error to be gone from the board")


def many(services, reals, weight=1):
    lines = []
    for number in range(services):
        lines.append("virtual 10.%d.%d.%d 80 tcp wrr" % (1 + number // 65536, number // 256 % 256, number % 256))
        lines += ["real 172.16.%d.%d 80 %d nat" % (real, number % 250 + 1, weight if number == 500 else 1)
                  for real in range(reals)]
    return "\n".join(lines) + "\n"


def test_a_thousand_virtual_servers(director, monitor, capsys):
    begin = time.monotonic()
    director.start(many(1000, 4), 60)
    took = time.monotonic() - begin
    director.say("cpu")
    cpu = int(director.expect("cpu").split()[1])
    assert len(monitor.changes()) == 5000
    assert director.reload(many(1000, 4)) == 0
    assert director.reload(many(1000, 4, weight=2)) == 4
    time.sleep(0.2)
    assert monitor.changes() == [6, 6, 6, 6]
    director.edit("-D -t 10.1.3.200:80\n-d -t 10.1.1.244:80 -r 172.16.1.1:80\n")
    begin = time.monotonic()
    until(lambda: len(monitor.changes()) > 0, 10, "the first mending")
    director.expect("log 4 somebody else changed 2 of our virtual servers", 10)
    mended = time.monotonic() - begin
    with capsys.disabled():
        print("\n1,000 x 4: start %.2f s, of it the director's CPU %d ms; mended after %.1f s" % (took, cpu, mended))
