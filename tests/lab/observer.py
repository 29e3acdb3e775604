"""What happened, and when: one thread that reads packet captures and address events as they come.

Times are CLOCK_REALTIME seconds. Frames carry the kernel's stamp; an address event is stamped when it is read. Who looks at
what came reads first what still lies in the kernel: a thread that got no turn hides nothing.
"""
import errno
import ipaddress
import selectors
import socket
import struct
import threading
import time
from dataclasses import dataclass

from lab import packets

SO_RCVBUFFORCE, SO_TIMESTAMPNS = 33, 35
SOL_PACKET, PACKET_IGNORE_OUTGOING = 263, 23
ETH_P_ALL = 3
RTM_NEWADDR, RTM_DELADDR = 20, 21
RTMGRP_IPV4_IFADDR, RTMGRP_IPV6_IFADDR = 0x10, 0x100
IFA_ADDRESS, IFA_LOCAL = 1, 2


class Source:
    """A socket that one reader at a time empties, at the latest when somebody asks what came."""

    socket = None

    def __init__(self):
        self._lock = threading.Lock()
        self._closed = False

    def read(self):
        with self._lock:
            if not self._closed:
                self._read()

    def close(self):
        with self._lock:
            self._closed = True
            self.socket.close()


class Capture(Source):
    """Frames that entered the switch by one port, that is: that left one box. Raw in frames, decoded in the lists."""

    def __init__(self, space, port):
        super().__init__()
        with space.entered():
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
            self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            self.socket.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
            # All protocols: the bridge takes its ports' frames before sockets bound to one protocol see them.
            self.socket.bind((port, ETH_P_ALL))
        self.socket.setblocking(False)
        self._frames, self._adverts, self._announcements = [], [], []

    @property
    def frames(self):
        self.read()
        return self._frames

    @property
    def adverts(self):
        self.read()
        return self._adverts

    @property
    def announcements(self):
        self.read()
        return self._announcements

    def _read(self):
        while True:
            try:
                data, ancillary, _, _ = self.socket.recvmsg(2048, 64)
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno != errno.ENETDOWN:  # said once when the port goes down
                    raise
                continue
            seconds, nanoseconds = struct.unpack("qq", ancillary[0][2][:16])
            self._take(seconds + nanoseconds / 1e9, data)

    def _take(self, stamp, data):
        advert = packets.advert(stamp, data)
        if advert:
            self._frames.append((stamp, data))
            self._adverts.append(advert)
        announcement = packets.announcement(stamp, data)
        if announcement:
            self._announcements.append(announcement)

    def since(self, start, vrid=None):
        """The adverts from that time on."""
        return [a for a in list(self.adverts) if a.time >= start and vrid in (None, a.vrid)]


@dataclass(frozen=True)
class AddressEvent:
    time: float
    added: bool  # else removed
    address: str


class AddressWatch(Source):
    """The addresses of one namespace: events, and those held now."""

    def __init__(self, space):
        super().__init__()
        with space.entered():
            self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
            self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
            self.socket.bind((0, RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR))
        self.socket.setblocking(False)
        self._events, self._held = [], set()

    @property
    def events(self):
        self.read()
        return self._events

    @property
    def held(self):
        """A set of its own: who reads on changes it not."""
        self.read()
        return set(self._held)

    def _read(self):
        while True:
            try:
                data = self.socket.recv(65536)
            except BlockingIOError:
                return
            self._take(time.time(), data)

    def _take(self, stamp, data):
        offset = 0
        while offset + 16 <= len(data):
            length, kind = struct.unpack_from("=IH", data, offset)
            if kind in (RTM_NEWADDR, RTM_DELADDR):
                attributes = dict(_attributes(data, offset + 24, offset + length))
                packed = attributes.get(IFA_LOCAL, attributes.get(IFA_ADDRESS))
                event = AddressEvent(stamp, kind == RTM_NEWADDR, str(ipaddress.ip_address(packed)))
                self._events.append(event)
                (self._held.add if event.added else self._held.discard)(event.address)
            offset += (length + 3) & ~3

    def removals(self, address, start):
        return [e.time for e in list(self.events) if not e.added and e.address == address and e.time >= start]


def _attributes(data, offset, end):
    while offset + 4 <= end:
        length, kind = struct.unpack_from("=HH", data, offset)
        if length < 4:
            return
        yield kind, data[offset + 4:offset + length]
        offset += (length + 3) & ~3


class Observer:
    """The thread. watch() adds a Capture or AddressWatch to it; close() ends it and closes all."""

    def __init__(self):
        self._selector = selectors.DefaultSelector()
        self._wake_reader, self._wake_writer = socket.socketpair()
        self._selector.register(self._wake_reader, selectors.EVENT_READ)
        self._watched = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def watch(self, source):
        self._watched.append(source)
        self._selector.register(source.socket, selectors.EVENT_READ, source)
        return source

    def _run(self):
        while True:
            for key, _ in self._selector.select(0.5):
                if key.data is None:
                    return
                key.data.read()

    def close(self):
        self._wake_writer.send(b"x")
        self._thread.join()
        for source in self._watched:
            source.close()
        self._selector.close()
        self._wake_reader.close()
        self._wake_writer.close()
