"""Reloads while a client asks and asks: whatever else changes, not one request fails."""
import http.client
import threading
import time

import pytest

from lab.balancer import INNER_VIP, VIP
from lab.configuration import global_defs, http_get, instance, real_server, tcp_check, virtual_server
from lab.waiting import until

pytestmark = pytest.mark.lab

SERVICE, S1, S2, DEAD = "TCP %s:80" % VIP, "10.8.0.11:80", "10.8.0.12:80", "10.8.0.12:81"
IN_FORCE = "the new configuration is in force"
PATIENCE = 60


class Client:
    """A thread that gets the page over and over, each time by a connection of its own.

    A request may take as long as the machine needs; it fails by being refused, reset, cut short or never answered."""

    def __init__(self, space):
        self.space, self.answers, self.failures = space, [], []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        with self.space.entered():
            while not self._stop.wait(0.002):
                begin = time.time()
                try:
                    self.answers.append(self._get())
                except (OSError, http.client.HTTPException) as error:
                    self.failures.append((begin, time.time() - begin, repr(error)))

    @staticmethod
    def _get():
        connection = http.client.HTTPConnection(VIP, 80, timeout=PATIENCE)
        try:
            connection.request("GET", "/", headers={"Connection": "close"})
            response = connection.getresponse()
            body = response.read().decode().strip()
            if response.status != 200 or body not in ("s1", "s2"):
                raise http.client.HTTPException("status %d, %r" % (response.status, body))
            return body
        finally:
            connection.close()

    def more(self, count):
        """Waits until so many more requests are over."""
        wanted = len(self.answers) + len(self.failures) + count
        until(lambda: len(self.answers) + len(self.failures) >= wanted, PATIENCE, "%d more answers" % count)

    def stop(self):
        self._stop.set()
        self._thread.join(2 * PATIENCE)


def text(servers=((S1, 1),), check=tcp_check(), more="", router="front"):
    """A balancer with these servers, (name, weight), and one that is not there and must never be asked."""
    listed = [real_server(name.split(":")[0], int(name.split(":")[1]), check, weight)
              for name, weight in servers + ((DEAD, 1),)]
    return (global_defs() + instance(255, vips=[VIP, INNER_VIP + " dev eth1"], name=router, state="MASTER")
            + virtual_server(VIP, 80, "NAT", listed, scheduler="wrr") + more)


def unrelated(port):
    return virtual_server(VIP, port, "NAT", [real_server("10.8.0.11", 80, tcp_check())])


BOTH = ((S1, 1), (S2, 1))
CHANGES = {
    "nothing": text(),
    "a server comes": text(BOTH),
    "a weight": text(((S1, 5), (S2, 1))),
    "another weight": text(((S1, 5), (S2, 2))),
    "settings of checks": text(BOTH, tcp_check(timeout=3, retry=2, delay=2)),
    "another kind of check": text(BOTH, http_get()),
    "settings of that": text(BOTH, http_get(timeout=3, retry=3)),
    "another service comes": text(BOTH, http_get(timeout=3, retry=3), unrelated(8080)),
    "and another": text(BOTH, http_get(timeout=3, retry=3), unrelated(8080) + unrelated(8081)),
    "both go": text(BOTH, http_get(timeout=3, retry=3)),
    "the virtual router gets another name": text(BOTH, http_get(timeout=3, retry=3), router="facade"),
    "a server is spared": text(((S1, 1), (S2, 0))),
}


def test_no_request_fails_while_reloads_change_the_rest(balancer):
    a = balancer.start("a", text())
    until(lambda: balancer.table().weights(SERVICE) == {S1: 1}, PATIENCE, "the dead server to be out")
    balancer.wait_master("a", timeout=PATIENCE)
    client = Client(balancer.client)
    try:
        client.more(20)
        began = time.time()
        for what, configuration in CHANGES.items():
            mark = len(a.log())
            a.reload(configuration)
            a.wait_for_log(IN_FORCE, PATIENCE, start=mark)
            client.more(15)
            assert not client.failures, "%s: %s" % (what, client.failures)
            assert DEAD not in balancer.table().weights(SERVICE), "%s: the dead server is asked" % what
    finally:
        client.stop()
    assert balancer.table().weights(SERVICE) == {S1: 1, S2: 0}
    assert "s2" in client.answers and "s1" in client.answers
    assert not balancer.addresses["a"].removals(VIP, began), "the VIP went away"
    assert not client.failures, client.failures
    assert len(client.answers) > 15 * len(CHANGES)
