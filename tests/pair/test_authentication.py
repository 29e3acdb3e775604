"""The authentication header between two of ours: numbers that go on over a crash, and packets that are heard twice."""
import os
import signal
import socket
import time

import pytest

from lab.configuration import global_defs, instance, password
from lab.timers import master_down
from lab.waiting import never, until

pytestmark = pytest.mark.host

PROTOCOL_AH = 51


def text(priority, secret="s3cret", kind="AH", advert_int=1):
    return global_defs() + instance(priority, version=2, lines=password(secret, kind), advert_int=advert_int)


def numbers(capture):
    return [advert.sequence for advert in list(capture.adverts)]


def test_a_killed_vrrp_goes_on_with_its_numbers_and_stays_master(pair):
    a, b = pair.both(text(200), text(100))
    until(lambda: len(numbers(pair.capture["a"])) >= 2, 10, "two adverts")
    vrrp = a.child("vrrp")
    os.kill(vrrp, signal.SIGKILL)
    until(lambda: a.child("vrrp") not in (None, vrrp), 10, "its successor")
    before = len(numbers(pair.capture["a"]))
    until(lambda: len(numbers(pair.capture["a"])) >= before + 3, 20, "adverts of the successor")
    seen = numbers(pair.capture["a"])
    assert seen == sorted(set(seen)), "a number was used twice, or they went back: %s" % seen
    assert not pair.has("b"), "b did not believe the successor"
    assert "password" not in b.log() and "copy" not in b.log()


def test_a_repeated_packet_is_refused(pair):
    """What a said as master is sent again after its death, byte for byte: b must not wait for it."""
    a, b = pair.both(text(200), text(100))
    until(lambda: len(pair.capture["a"].frames) >= 3, 10, "three adverts")
    packet = bytearray(pair.capture["a"].frames[-1][1][14:])
    a.kill_all()
    with pair.boxes["a"].entered():
        speaker = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
        speaker.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(pair.boxes["a"].ipv4))
    deadline = time.monotonic() + 30
    while not pair.has("b"):
        assert time.monotonic() < deadline, "b obeys copies of old packets"
        speaker.sendto(bytes(packet), ("224.0.0.18", 0))
        time.sleep(0.3)
    b.wait_for_log("it is a copy")


def test_a_wrong_password_is_not_obeyed(pair):
    pair.start("a", text(200))
    pair.wait_master("a")
    b = pair.start("b", text(100, "another"))
    pair.wait_master("b")
    until(lambda: "not made with our password" in b.log(), 5, "a word about it in the log")


def test_a_reload_to_ah_keeps_the_master(pair):
    """a changes first: b would hear nothing more, so it is reloaded at once; neither box's address flaps. Adverts are that far
    apart so that b's patience outlasts two reloads on a busy machine."""
    a, b = pair.both(text(200, kind="PASS", advert_int=2), text(100, kind="PASS", advert_int=2))
    begin = time.time()
    a.reload(text(200, advert_int=2))
    b.reload(text(100, advert_int=2))
    until(lambda: [x for x in pair.capture["a"].since(begin) if x.sequence], 10, "adverts with the header")
    never(lambda: pair.has("b"), master_down(100, 2, version=2) + 1, "b took over")
    assert not pair.addresses["a"].removals("10.9.0.100", begin)
