"""A LAN of network namespaces: one holds a bridge, each other one (a "box") has eth0 on it.

Box number n (from 1) has 10.9.0.n/16 and fd00:9::n/64. The switch's port towards box X is called "pX": capturing there
sees a frame as it leaves the box, whatever the box does to itself.
"""
import itertools
import os

from lab.namespace import Namespace, ip_batch

_numbers = itertools.count(1)

PREFIX = "tandem"


class Box(Namespace):
    """One machine of the LAN."""

    def __init__(self, name, tag, number):
        super().__init__(name)
        self.tag = tag
        self.port = "p" + tag
        self.ipv4 = "10.9.0.%d" % number
        self.ipv6 = "fd00:9::%d" % number


class Network:
    """Makes the switch and the boxes named by tags; delete() removes them all."""

    def __init__(self, *tags):
        prefix = "%s%d-%d" % (PREFIX, os.getpid(), next(_numbers))
        self.switch = Namespace(prefix + "-switch")
        self.boxes = [Box("%s-%s" % (prefix, tag), tag, number + 1) for number, tag in enumerate(tags)]
        ip_batch(["netns add " + space.name for space in self._all()])
        self._wire()
        for box in self.boxes:
            self._address(box)

    def __getitem__(self, tag):
        return next(box for box in self.boxes if box.tag == tag)

    def _all(self):
        return [self.switch] + self.boxes

    def _wire(self):
        lines = ["link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0", "link set br0 up"]
        for box in self.boxes:
            lines += ["link add %s type veth peer name eth0 netns %s" % (box.port, box.name),
                      "link set %s master br0 up" % box.port]
        self.switch.sysctl("ipv6/conf/default/disable_ipv6", 1)
        ip_batch(lines, self.switch.name)

    @staticmethod
    def _address(box):
        for name in ("all", "default", "eth0"):
            box.sysctl("ipv6/conf/%s/accept_dad" % name, 0)
            box.sysctl("ipv6/conf/%s/accept_ra" % name, 0)
        ip_batch(["link set lo up", "link set eth0 up",
                  "addr add %s/16 dev eth0" % box.ipv4,
                  "addr add %s/64 dev eth0 nodad" % box.ipv6], box.name)

    def unplug(self, box):
        """The cable is pulled: the box loses its carrier."""
        ip_batch(["link set %s down" % box.port], self.switch.name)

    def plug(self, box):
        ip_batch(["link set %s up" % box.port], self.switch.name)

    def cut(self, box):
        """The switch forwards nothing from or to the box, which keeps its carrier."""
        ip_batch(["link set %s nomaster" % box.port], self.switch.name)

    def mend(self, box):
        ip_batch(["link set %s master br0" % box.port], self.switch.name)

    def delete(self):
        for space in self._all():
            space.delete()
