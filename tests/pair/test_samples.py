"""Every sample configuration makes two boxes a pair: it passes, one box is master, the other takes over.

The folder is walked, so a new sample is tested without a word here. The boxes get the interfaces and networks that it names;
on b priorities are halved and unicast addresses swapped, as the samples' comments say; scripts that are not here are /bin/true.
"""
import glob
import ipaddress
import json
import os
import re

import pytest

from lab.daemon import build_directory
from lab.namespace import ip_batch
from lab.waiting import until

pytestmark = pytest.mark.host

SAMPLES = os.path.join(os.path.dirname(__file__), "..", "..", "conf", "samples")


def without_comments(text):
    return re.sub(r"[!#].*", "", text)


def vips(text):
    """Interfaces ("192.0.2.10/24") of all virtual_ipaddress blocks, and of those of the excluded."""
    blocks = re.findall(r"\bvirtual_ipaddress(?:_excluded)?\s*\{([^{}]*)\}", without_comments(text))
    lines = [line.split() for block in blocks for line in block.splitlines()]
    return [ipaddress.ip_interface(words[0]) for words in lines if words]


def interfaces(text):
    return sorted(set(re.findall(r"\b(?:interface|dev|lvs_sync_daemon)\s+([\w.]+)", without_comments(text))))


def standby(text):
    """The other box's file."""
    text = re.sub(r"\bpriority (\d+)", lambda match: "priority %d" % (int(match[1]) // 2), text)
    own = re.search(r"unicast_src_ip (\S+)", text)
    if own:
        peer = re.search(r"unicast_peer \{\s*(\S+)", text)
        other = {own[1]: peer[1], peer[1]: own[1]}
        text = re.sub(r"[0-9a-f.:]+", lambda match: other.get(match[0], match[0]), text)
    return text


def own_addresses(text, number):
    """Of the box with that number: where the sample says (unicast), else near the end of each network with a VIP."""
    given = {ipaddress.ip_address(word) for word in re.findall(r"unicast_src_ip (\S+)", without_comments(text))}
    networks = {vip.network for vip in vips(text) if vip.network.num_addresses > 4 and not vip.is_link_local}
    for network in networks:
        inside = [address for address in given if address in network] or [network[min(254, network.num_addresses) - number]]
        yield from ("%s/%d" % (address, network.prefixlen) for address in inside)


def prepare(pair, tag, text):
    """The networks are all on eth0: ARP and ND find them there, and VIPs on other interfaces bring their own."""
    number = 1 + list(pair.boxes).index(tag)
    ip_batch(["addr add %s dev eth0" % address + (" nodad" if ":" in address else "")
              for address in own_addresses(text, number)], pair.boxes[tag].name)


def cable(pair, name):
    """A wire between the two boxes, under that name in both."""
    a, b = pair.boxes.values()
    ip_batch(["link add %s type veth peer name %s netns %s" % (name, name, b.name)], a.name)
    for number, box in enumerate((a, b), 1):
        ip_batch(["link set %s up" % name, "addr add 10.255.0.%d/24 dev %s" % (number, name)], box.name)


def with_stubs(text, pair):
    """Programs that this machine has not are /bin/true; files that others write are in the test's directory."""
    text = re.sub(r"/(?:usr|etc|opt)/[\w./-]+",
                  lambda match: match[0] if os.path.exists(match[0]) else "/bin/true", text)
    return re.sub(r"/run/([\w.-]+)", lambda match: pair.path(match[1]), text)


def assert_passes(pair, tag, text):
    path = pair.path("sample-%s.conf" % tag)
    with open(path, "w") as file:
        file.write(text)
    printed = pair.boxes[tag].run(os.path.join(build_directory(), "tandemd"), "-t", "-f", path, check=False)
    assert printed.strip() == "", "tandemd -t says:\n" + printed


def assert_prints_itself(pair, daemon, text):
    """What tandemctl config prints is the configuration that runs: put in its place, with the passwords, it changes nothing."""
    def ctl(*words):
        program = os.path.join(build_directory(), "tandemctl")
        return pair.boxes["a"].run(program, "-p", daemon.pid_file, *words)

    def digest():
        return json.loads(ctl("--json", "status"))["configuration"]["digest"]

    before = digest()
    printed = ctl("config")
    for password in re.findall(r"^\s*auth_pass\s+(\S+)", without_comments(text), re.M):
        printed = printed.replace("(secret)", password, 1)
    daemon.configure(printed)
    assert ctl("reload").splitlines()[:2] == ["the new configuration is in force", "nothing changed"]
    assert digest() == before


@pytest.mark.parametrize("name", sorted(os.path.basename(path) for path in glob.glob(SAMPLES + "/*.conf")))
def test_a_sample_makes_two_boxes_a_pair(pair, name):
    with open(os.path.join(SAMPLES, name)) as file:
        text = with_stubs(file.read(), pair)
    wanted = {str(vip.ip) for vip in vips(text)}
    texts = {"a": text, "b": standby(text)}
    assert wanted, "no virtual address in it"
    for interface in set(interfaces(text)) - {"eth0"}:
        cable(pair, interface)
    for tag in texts:
        prepare(pair, tag, texts[tag])
        assert_passes(pair, tag, texts[tag])
    a = pair.start("a", texts["a"])
    until(lambda: pair.addresses["a"].held >= wanted, 15, "the addresses %s on a" % sorted(wanted))
    b = pair.start("b", texts["b"])
    until(lambda: pair.is_listening(b), 10, "b to run as backup")
    instances = len(re.findall(r"^vrrp_instance", without_comments(text), re.M))
    until(lambda: b.log().count("-> BACKUP") >= instances, 10, "every instance of b to be backup")
    assert not pair.addresses["b"].held & wanted, "both boxes have addresses"
    assert_prints_itself(pair, a, text)
    a.stop()
    until(lambda: pair.addresses["b"].held >= wanted, 15, "b to take over")
    assert not pair.addresses["a"].held & wanted, "a stopped and kept addresses"
