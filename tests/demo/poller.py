"""A client that asks every 10 ms, whatever became of its earlier requests, and remembers when it was answered."""
import errno
import select
import socket
import threading
import time

PERIOD_S = 0.010
LATE_S = 0.050
GIVE_UP_S = 3.0
REQUEST = b"GET / HTTP/1.0\r\n\r\n"


class Poller(threading.Thread):
    """start() begins, finish() ends; longest_gap() is the longest time between two answers.

    not_run_s() is how long, within that, the client itself was not given the processor in time."""

    def __init__(self, space, address, port=80):
        super().__init__(daemon=True)
        self._space, self._target = space, (address, port)
        self._end = threading.Event()
        self._open = {}  # descriptor -> (socket, begun)
        self._poll = select.epoll()
        self.answers = []  # times
        self._not_run = []  # (due, came): when the client was not run in time
        self.asked = 0

    def run(self):
        with self._space.entered():
            due = time.monotonic()
            while not self._end.is_set():
                self._ask()
                due = max(due + PERIOD_S, time.monotonic())
                self._serve_until(due)
                came = time.monotonic()
                if came - due > LATE_S:
                    self._not_run.append((due, came))
        for client, _ in self._open.values():
            client.close()

    def _ask(self):
        client = socket.socket()
        client.setblocking(False)
        if client.connect_ex(self._target) not in (0, errno.EINPROGRESS):
            client.close()
            return
        self.asked += 1
        self._open[client.fileno()] = (client, time.monotonic())
        self._poll.register(client, select.EPOLLOUT)

    def _serve_until(self, due):
        while True:
            for descriptor, _ in self._poll.poll(max(0.0, due - time.monotonic())):
                self._proceed(descriptor)
            now = time.monotonic()
            if now >= due:
                break
        for descriptor, (_, begun) in list(self._open.items()):
            if now - begun > GIVE_UP_S:
                self._drop(descriptor)

    def _proceed(self, descriptor):
        """Connected: sends the request. Readable: takes the answer."""
        client = self._open[descriptor][0]
        try:
            answer = client.recv(1024)
            if answer.startswith(b"HTTP/1.1 200"):
                self.answers.append(time.monotonic())
        except BlockingIOError:
            try:
                client.send(REQUEST)
                self._poll.modify(client, select.EPOLLIN)
                return
            except OSError:
                pass
        except OSError:
            pass
        self._drop(descriptor)

    def _drop(self, descriptor):
        client, _ = self._open.pop(descriptor)
        self._poll.unregister(client)
        client.close()

    def finish(self):
        self._end.set()
        self.join()

    def longest_gap(self):
        """(begin, end) in seconds; None when fewer than two requests were answered."""
        times = self.answers
        return max(zip(times, times[1:]), key=lambda gap: gap[1] - gap[0], default=None)

    def not_run_s(self, begin, end):
        return sum(max(0.0, min(came, end) - max(due, begin)) for due, came in self._not_run)
