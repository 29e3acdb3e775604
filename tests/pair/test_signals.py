"""The files that signals ask for: read as programs around keepalived read them, written without disturbing anybody."""
import json
import os
import re
import signal
import subprocess
import time

import pytest

from lab.configuration import block, global_defs, instance, password
from lab.daemon import build_directory
from lab.waiting import until

pytestmark = pytest.mark.host

VIP = "10.9.0.100"


def number(name):
    """As an exporter asks for it."""
    program = os.path.join(build_directory(), "tandemd")
    return int(subprocess.run([program, "--signum=" + name], check=True, stdout=subprocess.PIPE).stdout)


class Files:
    """The directory of a daemon's temporary files, and what is in them."""

    def __init__(self, pair):
        self.path = pair.path("tmp")
        os.mkdir(self.path)
        os.chmod(self.path, 0o1777)
        self.wrapper = ["env", "TMPDIR=" + self.path]

    def of(self, name):
        return os.path.join(self.path, name)

    def asked(self, daemon, signal_name, name):
        """Sends the signal named so, waits for a new file of that name, and reads it."""
        before = self._mark(name)
        daemon.signal(number(signal_name))
        until(lambda: self._mark(name) not in (None, before), 5, name)
        with open(self.of(name)) as file:
            return file.read()

    def _mark(self, name):
        try:
            status = os.lstat(self.of(name))
            return status.st_ino, status.st_mtime_ns
        except FileNotFoundError:
            return None


def objects(text, head):
    """{name: {property: value or list}} of keepalived.data, read by indentation as exporters do."""
    found, current, key = {}, None, None
    for line in text.splitlines():
        if line.startswith(" " + head) and "=" in line:
            current = found.setdefault(line.split("=")[1].strip(), {})
        elif line.startswith("     ") and current is not None:
            current[key].append(line.strip())
        elif line.startswith("   ") and current is not None:
            match = re.match(r" {3}([^=:]+?) *(?:=|:) *(.*)", line)
            if match:
                key = re.sub(r" \(\d+\)", "", match.group(1))
                current[key] = match.group(2) or []
        else:
            current = None
    return found


def statistics(text):
    """{instance: {(section, name): count}} of keepalived.stats."""
    found, counts, section = {}, None, None
    for line in text.splitlines():
        name, _, value = line.strip().partition(":")
        if line.startswith("VRRP Instance"):
            counts, section = found.setdefault(value.strip(), {}), None
        elif line.startswith("    "):
            counts[section, name] = int(value)
        elif line.endswith(":"):
            section = name
        else:
            counts[None, name] = int(value)
    return found


def test_data_and_statistics(pair):
    files = Files(pair)
    lines = password("secret") + [block("track_interface", ["lo weight 10"])]
    text = global_defs("vrrp_garp_master_delay 3") + instance(200, version=2, lines=lines)
    a = pair.start("a", text, wrapper=files.wrapper)
    pair.wait_master("a")
    until(lambda: [x for x in pair.capture["a"].adverts if x.priority > 0][3:], 10, "a few adverts")
    data = objects(files.asked(a, "DATA", "keepalived.data"), "VRRP Instance")["V51"]
    assert data["State"] == data["Wantstate"] == "MASTER"
    assert (data["Interface"], data["Virtual Router ID"], data["Gratuitous ARP delay"]) == ("eth0", "51", "3")
    address, _, interface = data["Virtual IP"][0].split()[:3]
    assert (address, interface) == (VIP, "eth0")
    assert data["Virtual IP"][0].endswith(" set")
    assert data["Tracked interfaces"] == ["lo weight 10"]
    assert "secret" not in open(files.of("keepalived.data")).read()
    before = len([x for x in pair.capture["a"].adverts if x.vrid == 51])
    counts = statistics(files.asked(a, "STATS", "keepalived.stats"))["V51"]
    after = len([x for x in pair.capture["a"].adverts if x.vrid == 51])
    assert before - 1 <= counts["Advertisements", "Sent"] <= after + 1
    assert counts[None, "Became master"] == 1 and counts[None, "Released master"] == 0
    assert os.listdir(files.path) and not [name for name in os.listdir(files.path) if name.startswith(".")]


def test_json_and_what_the_other_box_sends(pair):
    """The counters of wrong adverts, by kind, on a backup whose master is configured otherwise."""
    files = Files(pair)
    pair.start("a", global_defs() + instance(200, version=2, lines=password("right")))
    pair.wait_master("a")
    b = pair.start("b", global_defs() + instance(100, version=2, vips=["10.9.0.100", "10.9.0.101"],
                                                 lines=password("right")), wrapper=files.wrapper)
    until(lambda: pair.is_listening(b), 10, "the backup")

    def entry():
        return json.loads(files.asked(b, "JSON", "keepalived.json"))[0]

    until(lambda: entry()["stats"]["addr_list_err"] > 0, 10, "adverts with another list", every=0.3)
    assert entry()["data"]["state"] == 1 and entry()["stats"]["advert_rcvd"] > 0
    b.reload(global_defs() + instance(100, version=2, lines=password("wrong")))
    until(lambda: entry()["stats"]["auth_failure"] > 0, 10, "adverts with another password", every=0.3)
    b.reload(global_defs() + instance(100, version=2))
    until(lambda: entry()["stats"]["authtype_mismatch"] > 0, 10, "adverts of another kind", every=0.3)
    b.reload(global_defs() + instance(100, version=2, advert_int=2, lines=password("right")))
    until(lambda: entry()["stats"]["advert_interval_err"] > 0, 10, "adverts of another interval", every=0.3)


def test_counters_begin_anew(pair):
    files = Files(pair)
    a = pair.start("a", global_defs() + instance(200), wrapper=files.wrapper)
    pair.wait_master("a")

    def became(signal_name):
        return statistics(files.asked(a, signal_name, "keepalived.stats"))["V51"][None, "Became master"]

    assert became("STATS_CLEAR") == 1
    assert became("STATS") == 0
    ctl = a.child("ctl")
    os.kill(ctl, signal.SIGKILL)
    until(lambda: a.child("ctl") not in (None, ctl), 5, "a new ctl")
    assert became("STATS") == 0, "what was noted is lost with the process"


def test_the_same_by_tandemctl(pair):
    a = pair.start("a", global_defs() + instance(200))
    pair.wait_master("a")
    command = [os.path.join(build_directory(), "tandemctl"), "-p", a.pid_file]
    listed = json.loads(subprocess.run(command + ["-j", "stats"], check=True, stdout=subprocess.PIPE).stdout)
    assert listed[0]["data"]["iname"] == "V51" and listed[0]["stats"]["become_master"] == 1
    lines = subprocess.run(command + ["stats"], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    assert lines[0].split()[0] == "INSTANCE" and lines[1].split()[0] == "V51" and len(lines) == 2


def test_files_are_put_in_place_safely(pair):
    """A link in the way is replaced and not followed; the umask holds; readers find nothing half written."""
    files = Files(pair)
    victim = pair.path("victim")
    with open(victim, "w") as file:
        file.write("precious")
    os.symlink(victim, files.of("keepalived.json"))
    a = pair.start("a", global_defs("umask 022") + instance(200), wrapper=files.wrapper)
    pair.wait_master("a")
    json.loads(files.asked(a, "JSON", "keepalived.json"))
    assert not os.path.islink(files.of("keepalived.json"))
    with open(victim) as file:
        assert file.read() == "precious"
    status = os.stat(files.of("keepalived.json"))
    assert (status.st_mode & 0o777, status.st_uid) == (0o644, 0)
    for _ in range(50):
        a.signal(number("JSON"))
        with open(files.of("keepalived.json")) as file:
            assert len(json.load(file)) == 1
    until(lambda: os.listdir(files.path) == ["keepalived.json"], 5, "nothing but the file to be left")


def test_names_and_the_second_version(pair):
    files = Files(pair)
    lines = ["state_dump_file %s/" % pair.path("data"), "json_dump_file other.json", "json_version 2",
             "data_use_instance"]
    os.mkdir(pair.path("data"))
    a = pair.start("a", "instance left\n" + global_defs(*lines) + instance(200), wrapper=files.wrapper)
    pair.wait_master("a")
    assert json.loads(files.asked(a, "JSON", "other.left.json"))["vrrp"][0]["data"]["iname"] == "V51"
    a.signal(number("DATA"))
    until(lambda: os.path.exists(pair.path("data/keepalived.left.data")), 5, "the data file")
    assert os.stat(files.of("other.left.json")).st_mode & 0o777 == 0o600


def test_a_place_that_cannot_be_written_to(pair):
    a = pair.start("a", global_defs("json_dump_file /nonexistent/a.json") + instance(200))
    pair.wait_master("a")
    begin = time.time()
    a.signal(number("JSON"))
    a.wait_for_log("/nonexistent/a.json cannot be written: No such file or directory")
    assert a.is_running() and not pair.addresses["a"].removals(VIP, begin)


def test_signals_disturb_no_adverts(pair, stalls):
    files = Files(pair)
    many = "".join(instance(200, vips=["10.9.1.%d" % vrid], vrid=vrid) for vrid in range(60, 200))
    a = pair.start("a", global_defs() + instance(200, advert_int=0.2) + many, wrapper=files.wrapper)
    pair.wait_master("a")
    pair.wait_master("a", "10.9.1.199", timeout=30)
    begin = time.time()
    while time.time() < begin + 3:
        for name in ("DATA", "STATS", "JSON", "STATS_CLEAR"):
            a.signal(number(name))
            time.sleep(0.01)
    assert stalls.longest_gap(pair.capture["a"].since(begin, vrid=51)) < 0.6, "a backup would have taken over"
    assert not pair.addresses["a"].removals(VIP, begin)
