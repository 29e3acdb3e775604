"""The scene of the IPVS tests and the demo: two LANs, a client outside, directors in the middle, nginx servers inside.

    client 10.9.0.3 --- [switch] --- eth0 director a 10.9.0.1, b 10.9.0.2
                                     eth1 director a 10.8.0.1, b 10.8.0.2 --- [inner switch] --- s1 10.8.0.11, s2 10.8.0.12

Both networks are one bridge each. The servers' default route is 10.8.0.100, the address that the master holds inside (NAT
needs answers to pass the director). For DR, servers also have eth0 on the outer switch and the VIP on lo.
"""
import http.client
import os
import shutil
import subprocess

from lab.namespace import Namespace, ip_batch
from lab.pair import Pair
from lab.waiting import until

VIP, INNER_VIP, DIRECT_VIP = "10.9.0.100", "10.8.0.100", "10.9.0.200"
SERVERS = {"s1": 11, "s2": 12}

NGINX = """
daemon off; worker_processes 1; pid {dir}/pid; error_log {dir}/error.log; user root;
events {{ worker_connections 256; }}
http {{
    access_log off; keepalive_timeout 0;
    client_body_temp_path {dir}/t1; proxy_temp_path {dir}/t2; fastcgi_temp_path {dir}/t3;
    uwsgi_temp_path {dir}/t4; scgi_temp_path {dir}/t5;
    server {{ listen 80; listen [::]:80; location / {{ return 200 "{name}\\n"; }} }}
}}
"""


class WebServer:
    """A real nginx that answers every request with its name."""

    def __init__(self, space, name, directory):
        self.space, self.name, self.directory = space, name, directory
        self.process = None
        os.makedirs(directory)
        with open(os.path.join(directory, "nginx.conf"), "w") as file:
            file.write(NGINX.format(dir=directory, name=name))

    def start(self):
        self.process = subprocess.Popen(
            self.space.command("nginx", "-e", "stderr", "-c", os.path.join(self.directory, "nginx.conf")),
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(10)
            self.process = None


def get(space, address=VIP, port=80, timeout=10.0):
    """The first line that an HTTP GET / from that namespace gets, or None when there is no good answer."""
    with space.entered():
        connection = http.client.HTTPConnection(address, port, timeout=timeout)
        try:
            connection.request("GET", "/", headers={"Connection": "close"})
            response = connection.getresponse()
            return response.read().decode().strip() if response.status == 200 else None
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()


class Table:
    """The IPVS table of a box as ipvsadm, somebody else's program, reads it."""

    def __init__(self, text):
        self.services = {}  # "TCP 10.9.0.100:80" -> {"10.8.0.11:80": (forward, weight)}
        self.schedulers = {}
        self.persistence = {}  # seconds; 0: none
        service = None
        for line in text.splitlines():
            words = line.split()
            if words and words[0] in ("TCP", "UDP", "SCTP", "FWM"):
                service = " ".join(words[:2])
                self.services[service] = {}
                self.schedulers[service] = words[2]
                self.persistence[service] = int(words[words.index("persistent") + 1]) if "persistent" in words else 0
            elif len(words) >= 6 and words[0] == "->" and service:
                self.services[service][words[1]] = (words[2], int(words[3]))

    _known = {}  # namespace -> (what /proc/net/ip_vs said, the table)

    @staticmethod
    def of(space):
        """ipvsadm is started only when the kernel's own list has changed: who waits looks often."""
        said = Table._list(space)
        known = Table._known.get(space.path)
        if known and known[0] == said:
            return known[1]
        table = Table(space.run("ipvsadm", "-Ln"))
        if Table._list(space) == said:
            Table._known[space.path] = said, table
        return table

    @staticmethod
    def _list(space):
        with space.entered(), open("/proc/thread-self/net/ip_vs") as file:
            return file.read()

    def weights(self, service):
        """{real server: weight}; None when there is no such service."""
        servers = self.services.get(service)
        return None if servers is None else {name: weight for name, (_, weight) in servers.items()}


class Balancer(Pair):
    """A Pair with the client, the inner LAN and the web servers."""

    def __init__(self):
        self.web = {}
        self.inner = None
        self.spaces = {}
        super().__init__("a", "b", "client")
        try:
            self._build_inner()
        except BaseException:
            self.close()
            raise
        self.client = self.boxes["client"]

    def _build_inner(self):
        prefix = self.network.switch.name.rsplit("-", 1)[0]
        self.inner = Namespace(prefix + "-inner")
        self.spaces = {tag: Namespace("%s-%s" % (prefix, tag)) for tag in SERVERS}
        ip_batch(["netns add " + space.name for space in [self.inner] + list(self.spaces.values())])
        self._wire_inner()
        for number, tag in enumerate("ab"):
            ip_batch(["link set eth1 up", "addr add 10.8.0.%d/24 dev eth1" % (number + 1)], self.boxes[tag].name)
            self.boxes[tag].sysctl("ipv4/ip_forward", 1)
        for tag, number in SERVERS.items():
            self._address_server(self.spaces[tag], number)
            self.web[tag] = WebServer(self.spaces[tag], tag, self.path("web-" + tag))
            self.web[tag].start()
        for tag, number in SERVERS.items():
            address = "10.8.0.%d" % number
            until(lambda: get(self.boxes["a"], address) == tag, 10, "nginx %s to answer" % tag)

    def _wire_inner(self):
        lines = ["link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0", "link set br0 up"]
        for tag in "ab":
            lines += ["link add p%s type veth peer name eth1 netns %s" % (tag, self.boxes[tag].name),
                      "link set p%s master br0 up" % tag]
        for tag in SERVERS:
            lines += ["link add p%s type veth peer name eth0 netns %s" % (tag, self.spaces[tag].name),
                      "link set p%s master br0 up" % tag]
        ip_batch(lines, self.inner.name)
        lines = []
        for tag in SERVERS:
            lines += ["link add p%s type veth peer name eth1 netns %s" % (tag, self.spaces[tag].name),
                      "link set p%s master br0 up" % tag]
        ip_batch(lines, self.network.switch.name)

    @staticmethod
    def _address_server(space, number):
        for name in ("all", "default"):
            space.sysctl("ipv4/conf/%s/arp_ignore" % name, 1)
            space.sysctl("ipv4/conf/%s/arp_announce" % name, 2)
            space.sysctl("ipv4/conf/%s/rp_filter" % name, 0)
        ip_batch(["link set lo up", "link set eth0 up", "link set eth1 up",
                  "addr add 10.8.0.%d/24 dev eth0" % number, "addr add 10.9.0.%d/16 dev eth1" % number,
                  "addr add %s/32 dev lo" % DIRECT_VIP,
                  # NAT: what the client asked through a director goes back through it, not directly.
                  "route add 10.9.0.3/32 via %s dev eth0 table 100" % INNER_VIP,
                  "rule add from 10.8.0.%d table 100" % number], space.name)

    def table(self, tag="a"):
        return Table.of(self.boxes[tag])

    def power_off(self, tag):
        """The box goes dark at once: no carrier, no process; what its kernel held is gone."""
        self.daemons[tag].freeze()
        ip_batch(["link set p%s down" % tag], self.network.switch.name)
        ip_batch(["link set p%s down" % tag], self.inner.name)
        self.daemons[tag].kill_all()
        box = self.boxes[tag]
        box.run("ipvsadm", "-C")
        for vip, device in ((VIP, "eth0"), (INNER_VIP, "eth1")):
            box.run("ip", "addr", "del", vip + "/32", "dev", device, check=False)

    def power_on(self, tag):
        ip_batch(["link set p%s up" % tag], self.network.switch.name)
        ip_batch(["link set p%s up" % tag], self.inner.name)

    def close(self):
        for server in self.web.values():
            server.stop()
        super().close()
        for space in ([self.inner] if self.inner else []) + list(self.spaces.values()):
            space.delete()
        shutil.rmtree(self.directory, ignore_errors=True)
