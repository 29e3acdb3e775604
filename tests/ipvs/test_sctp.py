"""SCTP services: a client gets its answers over SCTP from real servers behind the director, by NAT and by DR.

One daemon for all tests of this file: starting one costs seconds.
"""
import contextlib
import os
import socket
import threading

import pytest

from lab.balancer import DIRECT_VIP, INNER_VIP, VIP
from lab.configuration import global_defs, instance, real_server, virtual_server
from lab.waiting import until

pytestmark = pytest.mark.lab

PORT = 3868
NAT_SERVERS = {"s1": "10.8.0.11", "s2": "10.8.0.12"}
DIRECT_SERVERS = {"s1": "10.9.0.11", "s2": "10.9.0.12"}
CLIENT = "10.9.0.3"
ANSWER_S = 120  # a slow machine's time, not the network's

# TCP_CHECK cannot ask an SCTP server; this can. One attempt, refused at once where nobody listens.
PROBE = """
import _socket, sys
one = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM, %d)
one.settimeout(30)
one.connect((sys.argv[1], %d))
""" % (socket.IPPROTO_SCTP, PORT)


def sctp_socket(space, address, port=0):
    """Bound to one address: one that is bound to none tells the other end all addresses of the machine, past the director."""
    with space.entered():
        one = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_SCTP)
        one.bind((address, port))
    return one


class SctpServer:
    """Answers each association on one of a server's addresses with the server's name."""

    def __init__(self, space, name, address):
        self.name = name
        self.listener = sctp_socket(space, address, PORT)
        self.listener.listen(64)
        self.listener.settimeout(0.2)  # accept() of SCTP does not end when the listener is shut down
        self.ending = False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while not self.ending:
            with contextlib.suppress(OSError):
                connection, _ = self.listener.accept()
                with connection:
                    connection.settimeout(ANSWER_S)
                    if connection.recv(100) == b"who\n":
                        connection.sendall(self.name.encode())
        self.listener.close()

    def close(self):
        self.ending = True
        self.thread.join()


def ask(space, address):
    """Who answers over SCTP; None when nobody does."""
    with sctp_socket(space, CLIENT) as one:
        one.settimeout(ANSWER_S)
        try:
            one.connect((address, PORT))
            one.sendall(b"who\n")
            return one.recv(100).decode() or None
        except OSError:
            return None


def configuration(probe):
    check = 'MISC_CHECK {\nmisc_path "/usr/bin/python3 -I -S %s %s"\nmisc_timeout 60\n}'
    nat = virtual_server(VIP, PORT, "NAT", [real_server(address, PORT, check % (probe, address))
                                            for address in NAT_SERVERS.values()], protocol="SCTP")
    direct = virtual_server(DIRECT_VIP, PORT, "DR", [real_server(address, PORT) for address in DIRECT_SERVERS.values()],
                            protocol="SCTP")
    return (global_defs() + instance(255, vips=[VIP, DIRECT_VIP, INNER_VIP + " dev eth1"], name="front", state="MASTER")
            + nat + direct)


@pytest.fixture(scope="module")
def serving(standing_scene):
    """Director a with both services; four SCTP servers, {(kind, tag): server}, in scene.sctp."""
    scene = standing_scene
    probe = scene.path("sctp-probe.py")
    with open(probe, "w") as file:
        file.write(PROBE)
    scene.sctp = {}
    try:
        for tag, address in NAT_SERVERS.items():
            scene.sctp["NAT", tag] = SctpServer(scene.spaces[tag], tag, address)
            scene.sctp["DR", tag] = SctpServer(scene.spaces[tag], tag, DIRECT_VIP)
        scene.start("a", configuration(probe))
        scene.wait_master("a", timeout=60)
        yield scene
    finally:
        for server in scene.sctp.values():
            server.close()
        for daemon in scene.daemons.values():
            daemon.stop()
        scene.daemons.clear()


def wait_table(scene, vip, forward, servers):
    name, wanted = "SCTP %s:%d" % (vip, PORT), {"%s:%d" % (address, PORT): (forward, 1) for address in servers}
    until(lambda: scene.table().services.get(name) == wanted, ANSWER_S, "%s to be %s" % (name, wanted), every=0.2)


@pytest.mark.parametrize("vip, forward, servers", [pytest.param(VIP, "Masq", NAT_SERVERS, id="nat"),
                                                   pytest.param(DIRECT_VIP, "Route", DIRECT_SERVERS, id="dr")])
def test_both_servers_answer_over_sctp(serving, vip, forward, servers):
    wait_table(serving, vip, forward, servers.values())
    assert sorted(ask(serving.client, vip) for _ in range(6)) == ["s1"] * 3 + ["s2"] * 3


def test_an_sctp_server_that_ends_is_out_until_it_is_back(serving):
    """A script checks it: TCP_CHECK asks over TCP only."""
    wait_table(serving, VIP, "Masq", NAT_SERVERS.values())
    serving.sctp["NAT", "s2"].close()
    wait_table(serving, VIP, "Masq", [NAT_SERVERS["s1"]])
    assert [ask(serving.client, VIP) for _ in range(4)] == ["s1"] * 4
    serving.sctp["NAT", "s2"] = SctpServer(serving.spaces["s2"], "s2", NAT_SERVERS["s2"])
    wait_table(serving, VIP, "Masq", NAT_SERVERS.values())
    assert {ask(serving.client, VIP) for _ in range(4)} == {"s1", "s2"}
