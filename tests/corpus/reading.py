"""A second reader of keepalived's language: what a file asks for, found without the code under test.

It knows no keyword it does not need. Like keepalived it skips what it cannot use (a line with an unknown word, an
address that is none) and goes on; what is left is what the daemons must do.
"""
import ipaddress
import re
from dataclasses import dataclass, field

# In these lines the first word after the keyword is a program.
PROGRAM_LINES = {"script", "notify", "notify_master", "notify_backup", "notify_fault", "notify_stop", "notify_up",
                 "notify_down", "quorum_up", "quorum_down", "misc_path"}
DEFAULT_ADVERT_INTERVAL = 1.0
LONGEST_INTERFACE_NAME = 15


# ---------------------------------------------------------------- text to tree


@dataclass
class Node:
    """A line: its words, and the lines of the block that follows it."""
    words: list
    children: list = field(default_factory=list)
    is_block: bool = False

    def all(self, keyword):
        return [child for child in self.children if child.words and child.words[0] == keyword]

    def value(self, keyword, default=None):
        """The first argument of the last such line."""
        found = [child.words[1] for child in self.all(keyword) if len(child.words) > 1]
        return found[-1] if found else default

    def entries(self, keyword):
        """The words of each line in all blocks of that name."""
        return [line.words for block in self.all(keyword) for line in block.children]

    def walk(self):
        yield self
        for child in self.children:
            yield from child.walk()


def words_of(line):
    """Words of a line without its comment; quotes hold a word together, and braces stand alone."""
    found, word, quote = [], "", None
    for letter in line + " ":
        if quote:
            quote, word = (None, word) if letter == quote else (quote, word + letter)
        elif letter in "\"'":
            quote = letter
        elif letter in "!#":
            break
        elif letter in " \t\r\n{}":
            found += [word] if word else []
            found += [letter] if letter in "{}" else []
            word = ""
        else:
            word += letter
    return found + ([word] if word else [])


def conditional(line, config_id):
    """The line less a leading @id; "" when it is for another box."""
    match = re.match(r"\s*@(\^?)(\S+)\s?(.*)", line, re.S)
    if not match:
        return line
    negated, wanted, rest = match.groups()
    return rest if (wanted == config_id) != bool(negated) else ""


def parse(text, config_id=None):
    """The tree below a nameless node. A brace too many ends nothing; blocks left open end with the text."""
    root = Node([])
    stack = [root]
    for line in text.splitlines():
        last = None
        line_words = []
        for word in words_of(conditional(line, config_id)) + ["\n"]:
            if word not in "{}\n":
                line_words.append(word)
                continue
            if line_words:
                last = Node(line_words)
                stack[-1].children.append(last)
                line_words = []
            if word == "{":
                block = last or (stack[-1].children[-1] if stack[-1].children else Node([]))
                block.is_block = True
                stack.append(block)
                last = None
            elif word == "}" and len(stack) > 1:
                stack.pop()
                last = None
    return root


# ---------------------------------------------------------------- tree to what is wanted


def address(word):
    """The address in a word such as 10.0.0.1 or 10.0.0.1/24 (or a range's first); None when it is none."""
    head, _, prefix = word.partition("/")
    try:
        found = ipaddress.ip_address(head)
    except ValueError:
        return None
    return str(found) if prefix == "" or prefix.isdigit() else None


def addresses(entries):
    return [found for found in (address(words[0]) for words in entries if words) if found]


def number(word, default):
    try:
        return float(word)
    except (TypeError, ValueError):
        return default


def is_interface_name(word):
    return word is not None and 0 < len(word) <= LONGEST_INTERFACE_NAME and "/" not in word and word not in (".", "..")


@dataclass
class Instance:
    """One vrrp_instance."""
    name: str
    interface: str
    vrid: int
    interval: float
    vips: list  # (address, interface)
    source: str  # as the file has it; None: the interface's own
    peers: list
    tracked: list  # interfaces

    @property
    def key(self):
        return self.interface, self.vrid


def _vips(node, interface):
    found = []
    for words in node.entries("virtual_ipaddress") + node.entries("virtual_ipaddress_excluded"):
        if words and address(words[0]):
            device = words[words.index("dev") + 1] if "dev" in words[:-1] else interface
            found.append((address(words[0]), device))
    return found


def _source(node):
    for keyword in ("unicast_src_ip", "mcast_src_ip"):
        if node.value(keyword) and address(node.value(keyword)):
            return address(node.value(keyword))
    return None


def instances(tree):
    """The instances keepalived would run: of two with one name the first counts."""
    found = {}
    for node in tree.all("vrrp_instance"):
        interface, vrid = node.value("interface"), number(node.value("virtual_router_id"), None)
        if len(node.words) < 2 or node.words[1] in found or vrid is None or not is_interface_name(interface):
            continue
        found[node.words[1]] = Instance(
            node.words[1], interface, int(vrid), number(node.value("advert_int"), DEFAULT_ADVERT_INTERVAL),
            _vips(node, interface), _source(node), addresses(node.entries("unicast_peer")),
            [words[0] for words in node.entries("track_interface") if words])
    return list(found.values())


def definitions(tree):
    """What the lines $NAME=WORD stand for; the last of a name counts."""
    pairs = (node.words[0].partition("=") for node in tree.walk() if len(node.words) == 1)
    return {name: word for name, equals, word in pairs if equals and name.startswith("$")}


def interfaces(tree):
    """Every interface the file names, in order."""
    found, stands_for = [], definitions(tree)
    for node in tree.walk():
        words = node.words
        for keyword, name in zip(words, words[1:]):
            if keyword in ("interface", "dev", "default_interface", "lvs_sync_daemon_interface"):
                found.append(name)
        if words[:1] in (["track_interface"], ["interface_up_down_delays"]):
            found += [line.words[0] for line in node.children if line.words]
        if words[:1] == ["lvs_sync_daemon"]:
            found += words[1:2]
    names = dict.fromkeys(stands_for.get(name, name) for name in found)
    return [name for name in names if is_interface_name(name) and name != "lo"]


def programs(tree):
    """Every program the file names, with a path or to be found on PATH."""
    found = []
    for node in tree.walk():
        if node.words and node.words[0] in PROGRAM_LINES and len(node.words) > 1:
            command = node.words[1].replace("\\", " ").replace('"', " ").split()
            found += command[:1]
    return list(dict.fromkeys(found))


def users(tree):
    """Users and groups the file names."""
    found = []
    for node in tree.walk():
        words = node.words
        if words[:1] in (["script_user"], ["user"]):
            found += words[1:3]
        elif words and words[0] in PROGRAM_LINES:
            found += words[2:4]
    return [name for name in dict.fromkeys(found) if re.fullmatch(r"[a-z_][a-z0-9_-]*", name)]


# ---------------------------------------------------------------- virtual servers


@dataclass
class Server:
    """A real server: where it is, its weight, and the TCP ports that its checks connect to."""
    host: str
    port: int
    weight: int
    ports: list
    passes: bool  # its checks, where every port answers, with HTTP status 200 and a body nobody foresaw
    inhibited: bool  # a failed one stays, with weight 0


@dataclass
class Service:
    """One virtual_server, or one member of the group it names."""
    name: str  # as ipvsadm prints it: "TCP 10.0.0.1:80", "FWM 1"
    scheduler: str
    persistence: int  # seconds; 0: none
    forward: str  # as ipvsadm prints it
    servers: list
    sorry: str  # HOST:PORT or None
    quorum: int

    def table(self):
        """{server: (forward, weight)} after every check has had its result."""
        up = [server for server in self.servers if server.passes]
        found = {"%s:%d" % (s.host, s.port): (self.forward, s.weight) for s in up}
        if self.sorry and (not up or sum(s.weight for s in up) < self.quorum):
            found = {self.sorry: (self.forward, 1)}
        found.update({"%s:%d" % (s.host, s.port): (self.forward, 0)
                      for s in self.servers if s.inhibited and not s.passes})
        return found


FORWARDS = {"NAT": "Masq", "DR": "Route", "TUN": "Tunnel"}
CHECKS = ("TCP_CHECK", "HTTP_GET", "SSL_GET", "MISC_CHECK")


def _check(node, port):
    """(port it connects to or None, whether it passes)."""
    if node.words[0] == "MISC_CHECK":
        return None, True
    urls = [url for url in node.all("url")]
    passes = node.words[0] != "SSL_GET" and not any(url.value("digest") for url in urls)
    return int(number(node.value("connect_port"), port)), passes


def _server(node, service_port, forward):
    port = service_port if len(node.words) < 3 or forward != "Masq" else int(node.words[2])
    checked_port = int(node.words[2]) if len(node.words) > 2 else service_port
    checks = [_check(child, checked_port) for child in node.children if child.words[0] in CHECKS]
    return Server(node.words[1], port, int(number(node.value("weight"), 1)), [p for p, _ in checks if p],
                  all(passes for _, passes in checks), bool(node.all("inhibit_on_failure")))


def _names(node, groups):
    """[(name, port)] of the services a virtual_server makes."""
    protocol = node.value("protocol", "UDP")
    if len(node.words) < 3:
        return []
    if node.words[1] == "fwmark":
        return [("FWM  " + node.words[2], 0)]
    members = groups.get(node.words[2], []) if node.words[1] == "group" else [node.words[1:3]]
    return [("%s  %s:%s" % (protocol, words[0], words[1]), int(words[1])) for words in members if len(words) > 1]


def services(tree):
    groups = {}
    for node in tree.all("virtual_server_group"):
        if len(node.words) > 1:
            groups.setdefault(node.words[1], [line.words for line in node.children])
    found = []
    for node in tree.all("virtual_server"):
        forward = FORWARDS.get(node.value("lb_kind"), FORWARDS["NAT"])
        sorry = node.all("sorry_server")
        for name, port in _names(node, groups):
            found.append(Service(
                name.replace("  ", " "), node.value("lb_algo", "wlc"), int(number(node.value("persistence_timeout"), 0)),
                forward, [_server(child, port, forward) for child in node.all("real_server") if len(child.words) > 1],
                "%s:%s" % tuple(sorry[-1].words[1:3]) if sorry else None, int(number(node.value("quorum"), 1))))
    return [service for service in found if service.servers]
