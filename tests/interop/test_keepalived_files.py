"""The files that signals ask for, beside those that Debian's keepalived writes of the same configuration."""
import json
import os
import subprocess

import pytest

from lab.configuration import block, global_defs, instance, password
from lab.daemon import KEEPALIVED, build_directory
from lab.waiting import until

pytestmark = pytest.mark.host

OURS = os.path.join(build_directory(), "tandemd")


def text(priority):
    """Something in every corner of the JSON but scripts, whose commands ours does not show."""
    lines = password("s3cret") + [
        block("virtual_ipaddress_excluded", ["10.9.0.200", "10.9.0.201/24"]),
        block("track_interface", ["eth0 weight 5"]),
        "garp_master_delay 3", "garp_master_refresh 60", "garp_lower_prio_repeat 2", "higher_prio_send_advert true"]
    six = ["nopreempt", "dont_track_primary"]
    return (global_defs() + instance(priority, version=2, vips=["10.9.0.100/24"], lines=lines) +
            instance(priority, version=3, vrid=52, vips=["fe80::100", "fd00:9::100/64"], lines=six, advert_int=0.5))


def number(program, name):
    return int(subprocess.run([program, "--signum=" + name], check=True, stdout=subprocess.PIPE).stdout)


def in_own_tmp(directory):
    """What a command is wrapped in so that its /tmp is that directory."""
    os.mkdir(directory)
    return ["unshare", "-m", "sh", "-c", 'mount --bind "$0" /tmp && exec "$@"', directory]


def is_open(path, daemon):
    """Whether a process of the daemon has the file open: keepalived writes it in place, bit by bit."""
    wanted = os.stat(path)
    for pid in daemon.processes():
        try:
            opened = [os.stat("/proc/%d/fd/%s" % (pid, fd)) for fd in os.listdir("/proc/%d/fd" % pid)]
        except FileNotFoundError:  # closed, or ended, at this moment: looked at again
            return True
        if any((status.st_dev, status.st_ino) == (wanted.st_dev, wanted.st_ino) for status in opened):
            return True
    return False


def content(daemon, directory, program, name, file_name):
    path = os.path.join(directory, file_name)

    def complete():
        if not os.path.exists(path) or os.path.getsize(path) == 0 or is_open(path, daemon):
            return None
        with open(path) as file:
            return file.read()

    daemon.signal(number(program, name))
    return until(complete, 10, file_name)


@pytest.fixture
def two(pair):
    """Our master and a keepalived that is its backup, each with a directory for its files."""
    ours = pair.path("ours")
    os.mkdir(ours)
    a = pair.start("a", text(200), wrapper=["env", "TMPDIR=" + ours])
    pair.wait_master("a")
    theirs = pair.path("theirs")
    b = pair.daemon("b", text(100), command=KEEPALIVED, wrapper=in_own_tmp(theirs)).start()
    until(lambda: b.log().count("BACKUP STATE") >= 2, 15, "keepalived to run")
    return (a, ours, OURS), (b, theirs, "keepalived")


def test_every_member_of_the_json_is_there(two):
    mine, other = (json.loads(content(daemon, directory, program, "JSON", "keepalived.json"))
                   for daemon, directory, program in two)
    assert [entry["data"]["iname"] for entry in mine] == [entry["data"]["iname"] for entry in other]
    for own, foreign in zip(mine, other):
        for part in ("data", "stats"):
            assert not set(foreign[part]) - set(own[part])
            for name, value in foreign[part].items():
                kinds = (int, float) if type(value) in (int, float) else type(value)
                assert isinstance(own[part][name], kinds), name


# What does not follow from the configuration alone, or is known to differ (tandemd(8), SIGNALS).
OWN_AFFAIR = {"state", "wantstate", "last_transition", "master_priority", "base_priority", "effective_priority",
              "master_adver_int", "vipset", "vips", "evips", "promote_secondaries",
              "auth_data"}  # that version shows the password


def test_what_is_configured_reads_the_same(two):
    mine, other = (json.loads(content(daemon, directory, program, "JSON", "keepalived.json"))
                   for daemon, directory, program in two)
    for own, foreign in zip(mine, other):
        for name in set(foreign["data"]) - OWN_AFFAIR:
            assert own["data"][name] == foreign["data"][name], name
        for name in ("vips", "evips"):
            plain = [[vip.replace(" set", "") for vip in entry["data"].get(name, [])] for entry in (own, foreign)]
            assert plain[0] == plain[1]


def test_the_statistics_have_the_same_lines(two):
    mine, other = (content(daemon, directory, program, "STATS", "keepalived.stats") for daemon, directory, program in two)
    names = [[line.rpartition(":")[0] for line in text.splitlines()] for text in (mine, other)]
    assert not set(names[1]) - set(names[0])
    assert mine.splitlines()[0] == other.splitlines()[0]


def test_what_an_exporter_reads_of_the_data_is_in_both(two):
    wanted = (" VRRP Instance = V51", "   State = ", "   Wantstate = ", "   Interface = eth0",
              "   Gratuitous ARP delay = 3", "   Virtual Router ID = 51", "   Virtual IP (1):", "   Virtual IP Excluded")
    for daemon, directory, program in two:
        data = content(daemon, directory, program, "DATA", "keepalived.data")
        for line in wanted:
            assert "\n" + line in data, (program, line)
