"""Checks of every kind take servers out of a kernel's IPVS table, bring them back, and weigh them."""
import os

import pytest

from lab import targets
from lab.balancer import INNER_VIP, VIP
from lab.configuration import block, global_defs, instance, real_server, virtual_server
from lab.namespace import ip_batch
from lab.waiting import until

pytestmark = pytest.mark.lab

SERVICE = "TCP %s:443" % VIP
S1, S2 = "10.8.0.11:443", "10.8.0.12:443"
TIMES = ["delay_loop 1", "retry 1", "delay_before_retry 1", "connect_timeout 2"]


def start(balancer, check_1, check_2, weight=1):
    servers = [real_server("10.8.0.11", 443, check_1, weight=weight), real_server("10.8.0.12", 443, check_2, weight=weight)]
    return balancer.start("a", global_defs() + instance(200, vips=[VIP, INNER_VIP + " dev eth1"], name="front") +
                          virtual_server(VIP, 443, "NAT", servers, scheduler="wrr"))


def wait_weights(balancer, wanted):
    until(lambda: balancer.table().weights(SERVICE) == wanted, 60, "%s to be %s" % (SERVICE, wanted), every=0.2)


def make_script(balancer, name, text):
    path = balancer.path(name)
    with open(path, "w") as file:
        file.write(text)
    os.chmod(path, 0o755)
    return path


def test_scripts_weigh_servers(balancer):
    """misc_dynamic: exit status 2..255 is a weight; 1 is a failure; 0 is the configured weight."""
    states = []
    checks = []
    for number in (1, 2):
        states.append(balancer.path("state-%d" % number))
        with open(states[-1], "w") as file:
            file.write("0\n")
        script = make_script(balancer, "weigh-%d" % number, "#!/bin/sh\nread status < %s\nexit $status\n" % states[-1])
        checks.append(block("MISC_CHECK", TIMES[:3] + ["misc_path " + script, "misc_dynamic"]))
    daemon = start(balancer, *checks, weight=7)
    wait_weights(balancer, {S1: 7, S2: 7})
    for status, weights in ((5, {S1: 3, S2: 7}), (255, {S1: 253, S2: 7}), (2, {S1: 0, S2: 7}), (1, {S2: 7}),
                            (4, {S1: 2, S2: 7}), (0, {S1: 7, S2: 7})):
        with open(states[0] + ".new", "w") as file:
            file.write("%d\n" % status)
        os.rename(states[0] + ".new", states[0])
        wait_weights(balancer, weights)
    os.kill(daemon.child("checker"), 9)
    until(lambda: daemon.child("checker"), 20, "a new checker")
    assert balancer.table().weights(SERVICE) == {S1: 7, S2: 7}


def write_number(path, number):
    with open(path + ".new", "w") as file:
        file.write("%d\n" % number)
    os.rename(path + ".new", path)


def test_files_weigh_servers(balancer):
    """FILE_CHECK: the number times the weight is added; with weight 0 a number other than 0 takes the server out."""
    paths = {name: balancer.path(name) for name in ("load", "down")}
    text = block("track_file load", ["file " + paths["load"], "weight 3"]) + "\n"
    text += block("track_file down", ["file " + paths["down"], "weight 0"]) + "\n"
    checks = [block("FILE_CHECK", ["track_file load"]), block("FILE_CHECK", ["track_file load", "weight 2 reverse"])]
    down = block("FILE_CHECK", ["track_file down"])
    servers = [real_server("10.8.0.11", 443, checks[0] + "\n" + down, weight=7),
               real_server("10.8.0.12", 443, checks[1], weight=7)]
    write_number(paths["load"], 2)
    daemon = balancer.start("a", global_defs() + text +
                            instance(200, vips=[VIP, INNER_VIP + " dev eth1"], name="front") +
                            virtual_server(VIP, 443, "NAT", servers, scheduler="wrr"))
    wait_weights(balancer, {S1: 13, S2: 3})
    for number, weights in ((0, {S1: 7, S2: 7}), (4, {S1: 19, S2: 0}), (-1, {S1: 4, S2: 9})):
        write_number(paths["load"], number)
        wait_weights(balancer, weights)
    write_number(paths["down"], 1)
    wait_weights(balancer, {S2: 9})
    os.kill(daemon.child("checker"), 9)
    until(lambda: daemon.child("checker"), 20, "a new checker")
    write_number(paths["load"], -2)
    wait_weights(balancer, {S2: 11})
    os.unlink(paths["down"])
    wait_weights(balancer, {S1: 1, S2: 11})


def test_a_tls_server_goes_and_comes(balancer, tmp_path):
    certificate = targets.make_certificate(str(tmp_path), "www.example.com")
    servers = {tag: targets.Target(balancer.spaces[tag], targets.tls(*certificate), port=443) for tag in ("s1", "s2")}
    check = block("SSL_GET", TIMES + [block("url", ["path /", "regex \"it is well\""])])
    try:
        start(balancer, check, check)
        wait_weights(balancer, {S1: 1, S2: 1})
        servers["s2"].close()
        wait_weights(balancer, {S1: 1})
        servers["s2"] = targets.Target(balancer.spaces["s2"], targets.tls(*certificate, answer=targets.ILL), port=443)
        daemon = balancer.daemons["a"]
        daemon.wait_for_log("the body does not match the regex", 60)
        assert balancer.table().weights(SERVICE) == {S1: 1}
        servers["s2"].close()
        servers["s2"] = targets.Target(balancer.spaces["s2"], targets.tls(*certificate), port=443)
        wait_weights(balancer, {S1: 1, S2: 1})
    finally:
        for server in servers.values():
            server.close()


def test_a_host_that_answers_no_ping_is_out(balancer):
    check = block("PING_CHECK", TIMES)
    start(balancer, check, check)
    wait_weights(balancer, {S1: 1, S2: 1})
    ip_batch(["link set ps2 down"], balancer.inner.name)
    try:
        wait_weights(balancer, {S1: 1})
    finally:
        ip_batch(["link set ps2 up"], balancer.inner.name)
    wait_weights(balancer, {S1: 1, S2: 1})
