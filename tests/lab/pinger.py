"""A client that never stops asking: one echo request after the other, and when each answer came."""
import os
import socket
import struct
import threading
import time

from lab.packets import internet_sum

ECHO_REQUEST, ECHO_REPLY = 8, 0
SO_TIMESTAMPNS = 35


class Pinger:
    """Pings an IPv4 address from a box, until close(). Answers are stamped by the kernel (CLOCK_REALTIME)."""

    def __init__(self, box, address, interval=0.02):
        self.address, self.interval = address, interval
        self.answers = []
        with box.entered():
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.settimeout(interval)
        self._identifier = os.getpid() & 0xFFFF
        self._open = True
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._ask, self._listen)]
        for thread in self._threads:
            thread.start()

    def _ask(self):
        number = 0
        while self._open:
            head = struct.pack("!BBHHH", ECHO_REQUEST, 0, 0, self._identifier, number & 0xFFFF)
            checksum = 0xFFFF ^ internet_sum(head)
            try:
                self.socket.sendto(head[:2] + struct.pack("!H", checksum) + head[4:], (self.address, 0))
            except OSError:  # no answer to ARP: asked again
                pass
            number += 1
            time.sleep(self.interval)

    def _listen(self):
        while self._open:
            try:
                packet, ancillary, _, _ = self.socket.recvmsg(512, 64)
            except OSError:
                continue
            message = packet[(packet[0] & 15) * 4:]
            kind, _, _, identifier = struct.unpack_from("!BBHH", message)
            if kind == ECHO_REPLY and identifier == self._identifier and packet[12:16] == socket.inet_aton(self.address):
                seconds, nanoseconds = struct.unpack("qq", ancillary[0][2][:16])
                self.answers.append(seconds + nanoseconds / 1e9)

    def is_answered(self):
        """Whether an answer came in the last moment."""
        return bool(self.answers) and time.time() - self.answers[-1] < 10 * self.interval

    def longest_silence(self, since, stalls):
        """Seconds between two answers, or from since to the first, or from the last to now; less what the machine stood still."""
        times = [since] + [answer for answer in list(self.answers) if answer > since] + [time.time()]
        return max(later - earlier - stalls.within(earlier, later) for earlier, later in zip(times, times[1:]))

    def close(self):
        self._open = False
        for thread in self._threads:
            thread.join()
        self.socket.close()
