"""Real servers behind tunnels of every type: packets leave the director in the envelope that the configuration names, the
servers unwrap them, and the answers go to the client past the director.

One daemon with a service a kind, each with an address of its own, for all tests of this file: starting one costs seconds.
"""
import socket
import struct
import subprocess
from dataclasses import dataclass

import pytest

from lab.balancer import get
from lab.configuration import block, global_defs, instance
from lab.namespace import ip_batch
from lab.observer import Capture
from lab.waiting import until

pytestmark = pytest.mark.lab

SERVERS = {"s1": 11, "s2": 12}  # the last number of a server's addresses; those for GRE with checksums are 10 higher
GUE_PORT = 6080
IPV4, IPV6 = 0x0800, 0x86DD
PROTOCOL_IPV4, PROTOCOL_IPV6 = socket.IPPROTO_IPIP, socket.IPPROTO_IPV6
GRE_CHECKSUM = 0x8000
GUE_PRIVATE_FLAGS, GUE_REMOTE_CHECKSUM = 0x0001, 0x80000000


# ---------------------------------------------------------------- envelopes

@dataclass(frozen=True)
class Packet:
    """An IP packet: what it carries, from whom to whom."""
    protocol: int
    source: str
    destination: str
    payload: bytes


def packet(data):
    """Of the bytes from an IP header on, whichever version."""
    if data[0] >> 4 == 4:
        length, = struct.unpack_from("!H", data, 2)
        return Packet(data[9], socket.inet_ntop(socket.AF_INET, data[12:16]), socket.inet_ntop(socket.AF_INET, data[16:20]),
                      data[(data[0] & 15) * 4:length])
    length, = struct.unpack_from("!H", data, 4)
    return Packet(data[6], socket.inet_ntop(socket.AF_INET6, data[8:24]), socket.inet_ntop(socket.AF_INET6, data[24:40]),
                  data[40:40 + length])


def unwrap_ip(outer):
    """(envelope, bytes of the inner packet), or None when this is no such envelope. Likewise below."""
    return ("ipip", outer.payload) if outer.protocol in (PROTOCOL_IPV4, PROTOCOL_IPV6) else None


def unwrap_gre(outer):
    """RFC 2784: flags, protocol, and with a checksum four bytes more."""
    if outer.protocol != socket.IPPROTO_GRE:
        return None
    flags, = struct.unpack_from("!H", outer.payload)
    return ("gre csum", outer.payload[8:]) if flags & GRE_CHECKSUM else ("gre", outer.payload[4:])


def unwrap_gue(outer):
    """draft-ietf-intarea-gue, version 0, behind a UDP header: a word with length, protocol and flags, then what flags say."""
    if outer.protocol != socket.IPPROTO_UDP:
        return None
    _, port, _, checksum = struct.unpack_from("!HHHH", outer.payload)
    if port != GUE_PORT:
        return None
    words, flags = outer.payload[8] & 31, struct.unpack_from("!H", outer.payload, 10)[0]
    kind = "gue csum" if checksum else "gue"
    if flags & GUE_PRIVATE_FLAGS and struct.unpack_from("!I", outer.payload, 12)[0] & GUE_REMOTE_CHECKSUM:
        kind = "gue remcsum"
    return kind, outer.payload[12 + 4 * words:]


class Forwarded(Capture):
    """What a box sends by IP: frames are the packets."""

    def _take(self, stamp, data):
        if struct.unpack_from("!H", data, 12)[0] in (IPV4, IPV6):
            self._frames.append(packet(data[14:]))

    def envelopes(self, vip):
        """{(envelope, outer destination)} of what went to the service; "none" of what came with the service's address."""
        found = set()
        for outer in self.frames:
            opened = unwrap_ip(outer) or unwrap_gre(outer) or unwrap_gue(outer)
            if opened and packet(opened[1]).destination == vip:
                found.add((opened[0], outer.destination))
            elif vip in (outer.destination, outer.source) and outer.protocol == socket.IPPROTO_TCP:
                found.add(("none", outer.destination))
        return found


# ---------------------------------------------------------------- the services

@dataclass(frozen=True)
class Kind:
    """A service, its tunnel and the envelope that is seen of it."""
    vip: str
    method: str
    envelope: str
    server: str = "10.9.0.%d"  # a real server's address, less its number
    offset: int = 0
    summed: str = None  # the envelope of packets that come with their checksum ready, as of an ACK out of TIME-WAIT

    def servers(self):
        return {tag: self.server % (number + self.offset) for tag, number in SERVERS.items()}


KINDS = {
    "ipip": Kind("10.9.0.210", "TUN", "ipip"),
    "ipip by name": Kind("10.9.0.211", "TUN type ipip", "ipip"),
    "gre": Kind("10.9.0.212", "TUN type gre", "gre"),
    "gre nocsum": Kind("10.9.0.213", "TUN type gre nocsum", "gre"),
    "gre csum": Kind("10.9.0.214", "TUN type gre csum", "gre csum", offset=10),
    "gue": Kind("10.9.0.215", "TUN type gue port %d" % GUE_PORT, "gue"),
    "gue nocsum": Kind("10.9.0.216", "TUN type gue port %d nocsum" % GUE_PORT, "gue"),
    "gue csum": Kind("10.9.0.217", "TUN type gue port %d csum" % GUE_PORT, "gue csum"),
    "gue remcsum": Kind("10.9.0.218", "TUN type gue port %d remcsum" % GUE_PORT, "gue remcsum", summed="gue csum"),
    "ipv6": Kind("fd00:9::210", "TUN", "ipip", "fd00:9::%d"),
    "ipv6 gue": Kind("fd00:9::211", "TUN type gue port %d" % GUE_PORT, "gue", "fd00:9::%d"),
    "ipv6 gre": Kind("fd00:9::213", "TUN type gre", "gre", "fd00:9::%d"),
    "ipv4 over ipv6": Kind("10.9.0.219", "TUN", "ipip", "fd00:9::%d"),
    "ipv4 over ipv6, gue": Kind("10.9.0.220", "TUN type gue port %d csum" % GUE_PORT, "gue csum", "fd00:9::%d"),
    "ipv6 over ipv4": Kind("fd00:9::212", "TUN", "ipip"),
}


def configuration():
    """VIPs of both families are in instances of their own."""
    four = [kind.vip for kind in KINDS.values() if ":" not in kind.vip]
    six = [kind.vip for kind in KINDS.values() if ":" in kind.vip]
    text = global_defs() + instance(255, vips=four, name="front", state="MASTER")
    text += instance(255, vips=six, name="front6", state="MASTER", vrid=52)
    for kind in KINDS.values():
        lines = ["lvs_sched rr", "lvs_method " + kind.method, "protocol TCP"]
        lines += [block("real_server %s 80" % address, ["weight 1"]) for address in kind.servers().values()]
        text += block("virtual_server %s 80" % kind.vip, lines) + "\n"
    return text


def opener(number):
    """Lines that make a server take packets out of every envelope. The VIPs are its own, and nobody hears of it."""
    own, own6 = "10.9.0.%d" % number, "fd00:9::%d" % number
    own_csum = "10.9.0.%d" % (number + 10)
    devices = [("ipip", own, ""), ("sit", own, ""), ("gre", own, ""), ("gre", own_csum, "icsum"),
               ("ip6tnl", own6, "mode any"), ("ip6gre", own6, "")]
    lines = ["addr add %s/16 dev eth1" % own_csum, "addr add %s/64 dev eth1 nodad" % own6]
    for count, (kind, local, options) in enumerate(devices):
        lines += ["link add open%d type %s local %s %s" % (count, kind, local, options), "link set open%d up" % count]
    lines += ["addr add %s dev lo" % kind.vip for kind in KINDS.values()]
    return lines + ["fou add port %d gue" % GUE_PORT]


def closer(lines):
    """What undoes opener()."""
    undone = []
    for line in reversed(lines):
        words = line.split()
        if words[:2] == ["link", "add"]:
            undone.append("link del " + words[2])
        elif "add" in words:
            undone.append(" ".join("del" if word == "add" else word for word in words if word not in ("nodad", "gue")))
    return undone


def load_module(name):
    """As this kernel loads modules by itself: the lab's are not in the usual place."""
    with open("/proc/sys/kernel/modprobe") as file:
        subprocess.run([file.read().strip(), name], check=True)


def gue_over_ipv6(space, verb, *more):
    space.run("ip", "-6", "fou", verb, "port", str(GUE_PORT), *more)


@pytest.fixture(scope="module")
def serving(standing_scene):
    scene = standing_scene
    opened = {}
    load_module("fou")  # not loaded by asking for it
    try:
        for tag, number in SERVERS.items():
            ip_batch(opener(number), scene.spaces[tag].name)
            opened[tag] = opener(number)
            gue_over_ipv6(scene.spaces[tag], "add", "gue")
        scene.forwarded = Forwarded(scene.network.switch, scene.boxes["a"].port)
        scene.start("a", configuration())
        yield scene
        scene.forwarded.close()
    finally:
        for daemon in scene.daemons.values():
            daemon.stop()
        scene.daemons.clear()
        for tag, lines in opened.items():
            gue_over_ipv6(scene.spaces[tag], "del")
            ip_batch(closer(lines), scene.spaces[tag].name)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_tunnel_answers(serving, kind):
    until(lambda: get(serving.client, kind.vip), 60, "an answer through the tunnel")
    assert {get(serving.client, kind.vip) for _ in range(4)} == set(SERVERS)
    seen = serving.forwarded.envelopes(kind.vip)
    assert {(kind.envelope, address) for address in kind.servers().values()} <= seen
    assert {envelope for envelope, _ in seen} <= {kind.envelope, kind.summed}
    assert {address for _, address in seen} == set(kind.servers().values())
