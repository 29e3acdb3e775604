"""Two boxes made for one configuration file: the interfaces it names, with addresses, its scripts, its users.

All interfaces of a name are on one bridge in the namespace "lan", which also has the addresses of the real servers; boxes
a and b have the interfaces. Box a runs the file as it is; box b too, but for unicast: there the own address and the peer's
change places. Programs and users that the file names are there: root.py.
"""
import ipaddress
import itertools
import os
import re
import shutil
import tempfile

from lab.daemon import Daemon
from lab.namespace import Namespace, ip_batch
from lab.observer import AddressWatch, Capture, Observer

import reading

TAGS = ("a", "b")
UNICAST_WORDS = ("unicast_src_ip", "mcast_src_ip", "unicast_peer")

_numbers = itertools.count(1)


class Plan:
    """Which address each box has on each interface: {interface: {tag: address}}. Pure."""

    def __init__(self, tree, text):
        self.taken = set(re.findall(r"[0-9]+(?:\.[0-9]+){3}", text))
        self.instances = reading.instances(tree)
        self.addresses = {}
        for number, name in enumerate(reading.interfaces(tree)):
            owner = next((i for i in self.instances if i.interface == name), None)
            self.addresses[name] = {"a": self._of_a(owner, name, number), "b": self._of_b(owner, name, number)}

    def _of_a(self, instance, name, number):
        return instance.source if instance and instance.source else self._free(name, number, 250)

    def _of_b(self, instance, name, number):
        vips = [vip for vip, _ in instance.vips] if instance else []
        peers = [peer for peer in (instance.peers if instance else []) if peer not in vips]
        return peers[0] if peers else self._free(name, number, 251)

    def _free(self, name, number, last):
        """An address in the network of the first VIP on that interface that the file does not name."""
        vips = [vip for i in self.instances for vip, device in i.vips if device == name and ":" not in vip]
        prefix = vips[0].rpartition(".")[0] if vips else "10.231.%d" % number
        while "%s.%d" % (prefix, last) in self.taken:
            last -= 2
        return "%s.%d" % (prefix, last)

    def swapped(self, text):
        """The file as box b has it: in what concerns unicast, a's address and b's change places."""
        places = {}
        for pair in self.addresses.values():
            places[pair["a"]], places[pair["b"]] = pair["b"], pair["a"]
        lines, inside = [], False
        for line in text.splitlines(keepends=True):
            words = reading.words_of(line)
            begins = bool(words) and words[0] in UNICAST_WORDS
            if begins or inside:
                line = re.sub(r"[0-9]+(?:\.[0-9]+){3}", lambda match: places.get(match[0], match[0]), line)
            inside = (inside or (begins and words[0] == "unicast_peer")) and "}" not in words
            lines.append(line)
        return "".join(lines)


class Box(Namespace):
    """One of the two."""

    def __init__(self, name, tag):
        super().__init__(name)
        self.tag = tag


class Scene:
    """The boxes with their daemons, which are not started yet. close() removes everything."""

    def __init__(self, text, root, tags=TAGS, servers=(), command=None):
        self.tree = reading.parse(text)
        self.plan = Plan(self.tree, text)
        self.instances = self.plan.instances
        self.directory = tempfile.mkdtemp(prefix="tandem-lab-", dir="/run")
        os.chmod(self.directory, 0o755)
        prefix = "tandem%d-c%d" % (os.getpid(), next(_numbers))
        self.lan = Namespace(prefix + "-lan")
        self.boxes = {tag: Box("%s-%s" % (prefix, tag), tag) for tag in tags}
        self.observer, self.captures, self.addresses, self.daemons = Observer(), {}, {}, {}
        try:
            ip_batch(["netns add " + space.name for space in [self.lan, *self.boxes.values()]])
            self._wire()
            for tag, box in self.boxes.items():
                self.addresses[tag] = self.observer.watch(AddressWatch(box))
                self._address(box)
            self._serve(servers)
            for tag, box in self.boxes.items():
                self.daemons[tag] = Daemon(box, os.path.join(self.directory, tag),
                                           text if tag == "a" else self.plan.swapped(text), command, root.wrapper)
        except BaseException:
            self.close()
            raise

    # ---------------------------------------------------------------- network

    def _wire(self):
        lines = []
        for number, name in enumerate(self.plan.addresses):
            lines += ["link add br%d type bridge stp_state 0 forward_delay 0 mcast_snooping 0" % number,
                      "link set br%d up" % number]
            for tag, box in self.boxes.items():
                lines += ["link add p%s%d type veth peer name %s netns %s" % (tag, number, name, box.name),
                          "link set p%s%d master br%d up" % (tag, number, number)]
        self.lan.sysctl("ipv6/conf/default/disable_ipv6", 1)
        ip_batch(["link set lo up"] + lines, self.lan.name)
        for number, name in enumerate(self.plan.addresses):
            for tag in self.boxes:
                self.captures[tag, name] = self.observer.watch(Capture(self.lan, "p%s%d" % (tag, number)))

    def _address(self, box):
        for name in ("all", "default"):
            box.sysctl("ipv6/conf/%s/accept_dad" % name, 0)
            box.sysctl("ipv6/conf/%s/accept_ra" % name, 0)
            box.sysctl("ipv4/conf/%s/rp_filter" % name, 0)
        lines = ["link set lo up"]
        for name, pair in self.plan.addresses.items():
            other = pair["b" if box.tag == "a" else "a"]
            network = ipaddress.ip_interface(pair[box.tag] + "/24").network
            lines += ["link set %s up" % name, "addr add %s/24 dev %s" % (pair[box.tag], name)]
            if ipaddress.ip_address(other) not in network:
                lines.append("route add %s/32 dev %s" % (other, name))
        ip_batch(lines, box.name)

    def _serve(self, servers):
        """The lan has the addresses of those servers; it and the boxes find each other. Without a lan they are the boxes' own."""
        own = {pair[tag] for pair in self.plan.addresses.values() for tag in self.boxes}
        own |= {vip for instance in self.instances for vip, _ in instance.vips}
        foreign = [server for server in servers if server not in own and not server.startswith("127.")]
        if not foreign:
            return
        if not self.plan.addresses:
            for box in self.boxes.values():
                ip_batch(["addr add %s/32 dev lo" % server for server in foreign], box.name)
            return
        lines = ["addr add %s/32 dev lo" % server for server in foreign]
        for number, pair in enumerate(self.plan.addresses.values()):
            lines += ["route add %s/32 dev br%d" % (address, number) for address in pair.values()]
        ip_batch(lines, self.lan.name)
        name = next(iter(self.plan.addresses))
        for box in self.boxes.values():
            ip_batch(["route replace %s/32 dev %s" % (server, name) for server in foreign], box.name)

    # ---------------------------------------------------------------- what is so

    def adverts(self, tag, instance):
        """Times of the adverts in which that box called itself master."""
        capture = self.captures[tag, instance.interface]
        return [a.time for a in list(capture.adverts) if a.vrid == instance.vrid and a.priority > 0]

    def master(self, instance):
        """The tag of the box whose last two adverts came after the other's last; None while nobody is clearly master."""
        times = {tag: self.adverts(tag, instance) for tag in TAGS}
        for tag, other in (("a", "b"), ("b", "a")):
            if len(times[tag]) >= 2 and (not times[other] or times[tag][-2] > times[other][-1]):
                return tag
        return None

    def holds(self, tag, instance):
        """Which VIPs of the instance the box has."""
        return {vip for vip, _ in instance.vips if vip in self.addresses[tag].held}

    def sections(self):
        """For the report of a failed test."""
        lines = []
        for tag, daemon in self.daemons.items():
            lines += ["--- log of " + tag, daemon.log()[-6000:] if os.path.exists(daemon.log_path) else ""]
            lines += ["--- addresses of %s: %s" % (tag, sorted(self.addresses[tag].held))]
        for (tag, name), capture in self.captures.items():
            lines += ["--- %d adverts from %s on %s" % (len(capture.adverts), tag, name)]
            lines += ["%.3f vrid %d priority %d from %s to %s" % (a.time, a.vrid, a.priority, a.source, a.destination)
                      for a in capture.adverts[-30:]]
        return "\n".join(lines)

    def close(self):
        try:
            for daemon in self.daemons.values():
                daemon.clear_away()
        finally:
            self.observer.close()
            ip_batch(["netns del " + space.name for space in [self.lan, *self.boxes.values()]])
            shutil.rmtree(self.directory, ignore_errors=True)
