"""Debian's keepalived as the other box: both roles, both versions, multicast and unicast, with a password."""
import os
import signal
import socket
import struct
import time

import pytest

from lab import packets, timers
from lab.configuration import global_defs, instance, password, unicast
from lab.daemon import KEEPALIVED
from lab.waiting import never, until

pytestmark = pytest.mark.host

VIP, VIP6 = "10.9.0.100", "fd00:9::100"


class Way:
    """How the two speak: a protocol version, a family, multicast or unicast, a password or none."""

    def __init__(self, version, vip=VIP, by_unicast=False, secret=None, kind="PASS", lines=()):
        self.version, self.vip, self.by_unicast, self.lines = version, vip, by_unicast, list(lines)
        self.secret, self.kind = secret, kind

    def text(self, pair, tag, priority):
        own, other = pair.boxes[tag], pair.boxes["b" if tag == "a" else "a"]
        lines = list(self.lines)
        if self.by_unicast:
            lines += unicast(own.ipv4, other.ipv4) if ":" not in self.vip else unicast(own.ipv6, other.ipv6)
        if self.secret:
            lines += password(self.secret, self.kind)
        return global_defs() + instance(priority, vips=[self.vip], version=self.version, lines=lines)


WAYS = [
    pytest.param(Way(2), id="v2"),
    pytest.param(Way(3), id="v3"),
    pytest.param(Way(2, by_unicast=True), id="v2-unicast"),
    pytest.param(Way(3, by_unicast=True), id="v3-unicast"),
    pytest.param(Way(2, secret="s3cret"), id="v2-password"),
    pytest.param(Way(2, secret="s3cret", by_unicast=True), id="v2-password-unicast"),
    pytest.param(Way(2, secret="s3cret", kind="AH"), id="v2-ah"),
    pytest.param(Way(2, secret="s3cret", kind="AH", by_unicast=True), id="v2-ah-unicast"),
    pytest.param(Way(3, vip=VIP6), id="v3-ipv6"),
    pytest.param(Way(3, vip=VIP6, by_unicast=True), id="v3-ipv6-unicast"),
]


def keepalived(pair, tag, text):
    return pair.daemon(tag, text, command=KEEPALIVED).start()


@pytest.mark.parametrize("way", WAYS)
def test_ours_is_master_and_keepalived_takes_over(pair, stalls, way):
    ours = pair.start("a", way.text(pair, "a", 200))
    pair.wait_master("a", way.vip)
    theirs = keepalived(pair, "b", way.text(pair, "b", 100))
    until(lambda: "BACKUP STATE" in theirs.log(), 5, "keepalived to run")
    never(lambda: pair.has("b", way.vip), 5, "keepalived did not accept our adverts")
    begin = time.time()
    ours.stop()
    farewell = until(lambda: [x for x in pair.capture["a"].since(begin) if x.priority == 0], 5, "a farewell")[0].time
    first = until(lambda: [x for x in pair.capture["b"].since(farewell) if x.priority > 0], 10, "keepalived to speak")[0].time
    limit = timers.skew(100, version=way.version) + 1 + stalls.within(farewell, first)
    assert first - farewell < limit, "keepalived waited although it was told"
    pair.wait_master("b", way.vip)
    ours.start()
    pair.wait_master("a", way.vip)
    pair.wait_without("b", way.vip)
    for complaint in ("nvalid", "ignoring", "bad ", "mismatch", "expected"):
        lines = [line for line in theirs.log().splitlines() if complaint in line and "(V51)" in line]
        assert not lines, lines[0]


@pytest.mark.parametrize("way", WAYS)
def test_keepalived_is_master_and_ours_takes_over(pair, stalls, way):
    theirs = keepalived(pair, "a", way.text(pair, "a", 200))
    pair.wait_master("a", way.vip)
    ours = pair.start("b", way.text(pair, "b", 100))
    until(lambda: pair.is_listening(ours), 5, "ours to run")
    never(lambda: pair.has("b", way.vip), 5, "ours did not accept keepalived's adverts")
    killed = theirs.kill_all()
    pair.wait_master("b", way.vip)
    last = max(x.time for x in pair.capture["a"].adverts if x.time <= killed + 0.01)
    spoke = next(x.time for x in pair.capture["b"].since(killed) if x.priority > 0)
    excused = stalls.within(last, spoke)
    limit = timers.master_down(100, version=way.version)
    assert limit - 0.02 - excused <= spoke - last < limit + 0.1 + excused, "took over %.3f s after the last advert" % (spoke - last)
    theirs.start()
    pair.wait_master("a", way.vip)
    pair.wait_without("b", way.vip)


def test_a_wrong_password_is_not_obeyed(pair):
    keepalived(pair, "a", Way(2, secret="right").text(pair, "a", 200))
    pair.wait_master("a")
    ours = pair.start("b", Way(2, secret="wrong").text(pair, "b", 100))
    pair.wait_master("b")
    until(lambda: "uthentication" in ours.log() or "password" in ours.log(), 2, "a word about it in the log")


class Speaker:
    """Sends version 3 adverts of our own making from a box: what keepalived 2.2.7 cannot be told to send."""

    def __init__(self, box, priority):
        with box.entered():
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_RAW, packets.PROTOCOL_VRRP)
            self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
            self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 255)
            self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(box.ipv4))
        head = struct.pack("!BBBBH", 0x31, 51, priority, 1, 100)
        body = socket.inet_aton(VIP)
        checksum = 0xFFFF ^ packets.internet_sum(head + b"\0\0" + body)
        self.message = head + struct.pack("!H", checksum) + body

    def send(self, destination="224.0.0.18"):
        self.socket.sendto(self.message, (destination, 0))


def test_the_plain_version_3_checksum_is_accepted_too(pair):
    """RFC 9568 for IPv4: without the pseudo header, which keepalived's default form includes."""
    speaker = Speaker(pair.boxes["a"], 200)
    pair.start("b", Way(3).text(pair, "b", 100))
    end = time.monotonic() + 6
    while time.monotonic() < end:
        speaker.send()
        never(lambda: pair.has("b"), 0.9, "ours did not accept the plain checksum")
    assert pair.capture["a"].adverts[-1].checksum == "plain"


def test_a_unicast_peer_is_spoken_to_in_the_form_it_uses(pair):
    speaker = Speaker(pair.boxes["a"], 200)
    ours = pair.start("b", Way(3, by_unicast=True).text(pair, "b", 100))
    until(lambda: "BACKUP" in ours.log(), 5, "ours to run")
    for _ in range(3):
        speaker.send(pair.boxes["b"].ipv4)
        time.sleep(0.5)
    pair.wait_master("b")
    assert {advert.checksum for advert in pair.capture["b"].adverts} == {"plain"}
    vrrp = ours.child("vrrp")
    os.kill(vrrp, signal.SIGKILL)
    until(lambda: ours.child("vrrp") not in (None, vrrp), 5, "its successor")
    time.sleep(1.5)
    assert {advert.checksum for advert in pair.capture["b"].adverts} == {"plain"}, "the successor does not know it"


def test_the_checksum_of_old_keepalived_is_learned(pair):
    """keepalived before 1.3.7, which a newer one with old_unicast_checksum is like, as master and as backup."""
    old = Way(3, by_unicast=True, lines=["old_unicast_checksum"])
    theirs = keepalived(pair, "a", old.text(pair, "a", 200))
    pair.wait_master("a")
    ours = pair.start("b", Way(3, by_unicast=True).text(pair, "b", 100))
    ours.wait_for_log("sums up its adverts in another form", 10)
    assert {advert.checksum for advert in pair.capture["a"].adverts} == {"old"}
    never(lambda: pair.has("b"), 4, "ours did not accept the old checksum")
    theirs.stop()
    pair.wait_master("b")
    ours.wait_for_log("MASTER")
    theirs.start()
    pair.wait_master("a")
    pair.wait_without("b", timeout=5)
    assert {advert.checksum for advert in pair.capture["b"].adverts} == {"old"}


def test_the_checksum_of_old_keepalived_is_sent_where_wanted(pair):
    old = Way(3, by_unicast=True, lines=["old_unicast_checksum"])
    pair.start("a", old.text(pair, "a", 200))
    pair.wait_master("a")
    theirs = keepalived(pair, "b", old.text(pair, "b", 100))
    until(lambda: "BACKUP STATE" in theirs.log(), 5, "keepalived to run")
    never(lambda: pair.has("b"), 5, "keepalived did not accept our adverts")
    assert {advert.checksum for advert in pair.capture["a"].adverts} == {"old"}


def test_the_checksum_of_old_keepalived_is_refused_where_wanted(pair):
    keepalived(pair, "a", Way(3, by_unicast=True, lines=["old_unicast_checksum"]).text(pair, "a", 200))
    pair.wait_master("a")
    ours = pair.start("b", Way(3, by_unicast=True, lines=["old_unicast_checksum never"]).text(pair, "b", 100))
    ours.wait_for_log("is not obeyed: its checksum is wrong", 10)
    pair.wait_master("b")
    assert {advert.checksum for advert in pair.capture["b"].adverts} == {"pseudo"}


def test_equal_priorities_are_decided_by_address_between_the_two(pair):
    keepalived(pair, "a", Way(3).text(pair, "a", 100))
    pair.wait_master("a")
    pair.network.cut(pair.boxes["a"])
    pair.start("b", Way(3).text(pair, "b", 100))
    pair.wait_master("b")
    pair.network.mend(pair.boxes["a"])
    pair.wait_without("a")
    start = time.time() + 0.1
    never(lambda: not pair.has("b") or pair.has("a") or pair.capture["a"].since(start), 3, "not exactly b is master")
