"""Decoders of what the tests watch on the wire: VRRP adverts, gratuitous ARP, unsolicited NA.

Pure functions of one Ethernet frame; None when the frame is something else. They share no code with the daemon, so
they are a second opinion on its encoder (RFC 9568 section 5, RFC 3768 section 5, RFC 826, RFC 4861 section 4.4).
"""
import ipaddress
import struct
from dataclasses import dataclass

ETHERTYPE_IPV4, ETHERTYPE_ARP, ETHERTYPE_IPV6 = 0x0800, 0x0806, 0x86DD
PROTOCOL_VRRP, PROTOCOL_ICMPV6, PROTOCOL_AH = 112, 58, 51
NEIGHBOUR_ADVERTISEMENT = 136
VRRP_GROUP = bytes((224, 0, 0, 18))


@dataclass(frozen=True)
class Advert:
    time: float  # CLOCK_REALTIME, stamped by the kernel
    source: str
    destination: str
    ttl: int
    version: int
    vrid: int
    priority: int
    interval: float  # seconds
    addresses: tuple
    auth_type: int  # v2 only
    auth_data: bytes
    checksum: str  # "plain", "pseudo" (with the pseudo header), "old" (of keepalived before 1.3.7) or "bad"
    sequence: int = None  # of an authentication header (RFC 2402)


@dataclass(frozen=True)
class Announcement:
    """A gratuitous ARP or an unsolicited neighbour advertisement."""
    time: float
    address: str
    mac: str


def internet_sum(data):
    """The ones' complement sum of RFC 1071; 0xffff for data with a good checksum in it."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def _checksum_form(message, pseudo_header):
    if internet_sum(message) == 0xFFFF:
        return "plain"
    if internet_sum(pseudo_header + message) == 0xFFFF:
        return "pseudo"
    old = pseudo_header[:4] + VRRP_GROUP + pseudo_header[8:]
    return "old" if len(pseudo_header) == 12 and internet_sum(old + message) == 0xFFFF else "bad"


def _vrrp(time, source, destination, ttl, pseudo_header, message, sequence=None):
    if len(message) < 8:
        return None
    version, vrid, priority, count = message[0] >> 4, message[1], message[2], message[3]
    size = len(source)
    end = 8 + size * count
    if len(message) < end:
        return None
    addresses = tuple(str(ipaddress.ip_address(message[i:i + size])) for i in range(8, end, size))
    if version == 2:
        auth_type, interval, auth_data = message[4], float(message[5]), message[end:end + 8]
    else:
        auth_type, auth_data = 0, b""
        interval = (struct.unpack_from("!H", message, 4)[0] & 0x0FFF) / 100
    return Advert(time, str(ipaddress.ip_address(source)), str(ipaddress.ip_address(destination)), ttl, version,
                  vrid, priority, interval, addresses, auth_type, auth_data, _checksum_form(message, pseudo_header),
                  sequence)


def advert(time, frame):
    """The VRRP advert in the frame."""
    ethertype = struct.unpack_from("!H", frame, 12)[0]
    if ethertype == ETHERTYPE_IPV4 and len(frame) >= 34 and frame[23] in (PROTOCOL_VRRP, PROTOCOL_AH):
        head = (frame[14] & 15) * 4
        sequence = None
        if frame[23] == PROTOCOL_AH:
            if frame[14 + head] != PROTOCOL_VRRP:
                return None
            sequence = struct.unpack_from("!I", frame, 14 + head + 8)[0]
            head += 24
        message = frame[14 + head:14 + struct.unpack_from("!H", frame, 16)[0]]
        source, destination = frame[26:30], frame[30:34]
        pseudo = source + destination + struct.pack("!BBH", 0, PROTOCOL_VRRP, len(message))
        return _vrrp(time, source, destination, frame[22], pseudo, message, sequence)
    if ethertype == ETHERTYPE_IPV6 and len(frame) >= 54 and frame[20] == PROTOCOL_VRRP:
        length = struct.unpack_from("!H", frame, 18)[0]
        message = frame[54:54 + length]
        source, destination = frame[22:38], frame[38:54]
        pseudo = source + destination + struct.pack("!II", length, PROTOCOL_VRRP)
        return _vrrp(time, source, destination, frame[21], pseudo, message)
    return None


def announcement(time, frame):
    """The gratuitous ARP or unsolicited neighbour advertisement in the frame."""
    ethertype = struct.unpack_from("!H", frame, 12)[0]
    if ethertype == ETHERTYPE_ARP and len(frame) >= 42 and frame[28:32] == frame[38:42]:
        return Announcement(time, str(ipaddress.ip_address(frame[28:32])), frame[22:28].hex(":"))
    if (ethertype == ETHERTYPE_IPV6 and len(frame) >= 78 and frame[20] == PROTOCOL_ICMPV6
            and frame[54] == NEIGHBOUR_ADVERTISEMENT and frame[38:54] == ipaddress.ip_address("ff02::1").packed):
        return Announcement(time, str(ipaddress.ip_address(frame[62:78])), frame[6:12].hex(":"))
    return None
