"""Health checks of every kind against servers that are well and that are odd: what is concluded, and in which words.

One box checks, the other has the servers. What IPVS makes of it is in tests/ipvs.
"""
import json
import os
import re
import stat
import subprocess

import pytest

from lab import targets
from lab.configuration import block, global_defs, real_server, virtual_server
from lab.daemon import build_directory
from lab.namespace import ip_batch
from lab.waiting import until

pytestmark = pytest.mark.host

SERVERS = "10.9.0.2"  # box b
HTTP_TIMES = ["connect_timeout 4", "delay_loop 1", "retry 0", "warmup 0", "alpha"]


class Site:
    """The servers of a test, and the checks of them: each is one real server of one virtual server."""

    def __init__(self, pair):
        self.pair, self.opened, self.servers = pair, [], []
        self.serial = 0

    def target(self, serve, **more):
        self.opened.append(targets.Target(self.pair.boxes["b"], serve, **more))
        return self.opened[-1]

    def datagrams(self, answer):
        self.opened.append(targets.DatagramTarget(self.pair.boxes["b"], answer))
        return self.opened[-1]

    def add(self, check, port, address=SERVERS):
        self.servers.append(real_server(address, port, check))

    def start(self, before=""):
        text = global_defs() + before + virtual_server("10.9.0.100", 80, "NAT", self.servers)
        return self.pair.start("a", text)

    def close(self):
        for target in self.opened:
            target.close()


@pytest.fixture
def site(pair):
    made = Site(pair)
    yield made
    made.close()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    directory = str(tmp_path_factory.mktemp("certificates"))
    return {name: targets.make_certificate(directory, name) for name in ("www.example.com", "client.example.com")}


def get(kind, *lines, url=()):
    return block(kind, HTTP_TIMES + list(lines) + [block("url", ["path /"] + list(url))])


TIMED_OUT = "down, timeout after S s"


def wait_said(daemon, kind, port, words, timeout=30):
    """Until the log says this of the check: "up, ..." or "down, ...". S: seconds, a busy machine's may be more than were set."""
    words = re.escape(words).replace(r"after\ S\ s", r"after \d+\.\d s")
    pattern = re.compile(r"check %s [0-9a-f:.\[\]]+:%d(?: [^\n]*)?: %s" % (kind, port, words))
    until(lambda: pattern.search(daemon.log()), timeout, "the check of port %d to say %r" % (port, words))


def test_tls_in_words(site, certificates):
    """TLS that works and TLS that does not: each failure has its own words."""
    own = certificates["www.example.com"]
    expected = [
        (targets.tls(*own), [], "up, status 200"),
        (targets.plain_only, [], "down, TLS handshake failed: unknown protocol, the server does not speak TLS"),
        (targets.silent(), [], TIMED_OUT),
        (targets.hangs_up(), [], "down, connection "),
        (targets.tls(*own, client_ca=certificates["client.example.com"][0]), [],
         "down, TLS failed: the server refuses with alert 116, it wants a client certificate"),
        (targets.tls(*own, names=["other.example.com"]), ["virtualhost www.example.com", "enable_sni"],
         "down, TLS handshake failed: the server refuses with alert 112, unrecognized name"),
        (targets.tls(*own, names=["www.example.com"]), ["virtualhost www.example.com", "enable_sni"], "up, status 200"),
        (targets.tls(*own, names=["www.example.com"]), ["sni_name www.example.com"], "up, status 200"),
        (targets.tls(*own, goodbye=False), [], "up, status 200"),
        (targets.tls(*own, goodbye=False), ["tls_compliant"],
         "down, connection closed by the server without the TLS close notify"),
        (targets.tls(*own, goodbye=True), ["tls_compliant"], "up, status 200"),
        (targets.tls(*own, answer=b"HTTP/1.0 503 Busy\r\n\r\n"), [], "down, status 503, wanted 200-299"),
    ]
    ports = []
    for serve, lines, _ in expected:
        ports.append(site.target(serve).port)
        site.add(get("SSL_GET", *lines), ports[-1])
    daemon = site.start()
    for port, (_, _, words) in zip(ports, expected):
        wait_said(daemon, "SSL", port, words)


def test_the_name_is_sent_only_if_wanted(site, certificates):
    own, seen = certificates["www.example.com"], []
    port = site.target(targets.tls(*own, seen=seen)).port
    site.add(get("SSL_GET", "virtualhost www.example.com"), port)
    wait_said(site.start(), "SSL", port, "up, status 200")
    assert set(seen) == {None}


def test_a_client_certificate_and_a_reload_with_another(site, certificates, pair):
    """The certificate of block SSL is shown; a file that changed is read at the reload, by root, for the checker."""
    own, client = certificates["www.example.com"], certificates["client.example.com"]
    copies = [pair.path("checker.pem"), pair.path("checker.key")]

    def copy(pair_of_files):
        for source, copied in zip(pair_of_files, copies):
            with open(source) as file, open(copied, "w") as out:
                out.write(file.read())
            os.chmod(copied, stat.S_IRUSR)

    copy(own)  # not the one the server wants
    port = site.target(targets.tls(*own, client_ca=client[0])).port
    site.add(get("SSL_GET"), port)
    daemon = site.start(block("SSL", ["certificate " + copies[0], "key " + copies[1]]) + "\n")
    wait_said(daemon, "SSL", port, "down, TLS failed: the server refuses with alert 48, unknown authority")
    copy(client)
    daemon.reload()
    wait_said(daemon, "SSL", port, "up, status 200")
    with open(copies[1], "w") as out:
        out.write("-----BEGIN PRIVATE KEY-----\nbroken\n-----END PRIVATE KEY-----\n")
    daemon.reload()
    daemon.wait_for_log("the key of block SSL cannot be used")


def test_a_certificate_is_verified_if_wanted(site, certificates):
    own, other = certificates["www.example.com"], certificates["client.example.com"]
    expected = [(own, ["tls_verify", "virtualhost www.example.com"], "up, status 200"),
                (own, ["tls_verify", "virtualhost elsewhere.example.com"],
                 "down, TLS handshake failed: the server's certificate is for another name"),
                (own, ["tls_verify"], "down, TLS handshake failed: the server's certificate is for another name"),
                (other, ["tls_verify", "virtualhost client.example.com"],
                 "down, TLS handshake failed: the server's certificate is of no trusted authority")]
    ports = []
    for certificate, lines, _ in expected:
        ports.append(site.target(targets.tls(*certificate)).port)
        site.add(get("SSL_GET", *lines), ports[-1])
    daemon = site.start(block("SSL", ["ca " + own[0]]) + "\n")
    for port, (_, _, words) in zip(ports, expected):
        wait_said(daemon, "SSL", port, words)


NGINX = """
daemon off; worker_processes 1; pid {dir}/nginx.pid; error_log {dir}/nginx.log; user root;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {dir}/t1; proxy_temp_path {dir}/t2; fastcgi_temp_path {dir}/t3;
    uwsgi_temp_path {dir}/t4; scgi_temp_path {dir}/t5;
    ssl_certificate {certificate}; ssl_certificate_key {key};
    server {{ listen 443 ssl default_server; return 421; }}
    server {{ listen 443 ssl; server_name www.example.com; location / {{ return 200 "status: ok\\n"; }} }}
}}
"""


def test_nginx_and_s_server(site, certificates, pair):
    """Other people's TLS servers."""
    certificate, key = certificates["www.example.com"]
    path = pair.path("nginx.conf")
    with open(path, "w") as file:
        file.write(NGINX.format(dir=pair.directory, certificate=certificate, key=key))
    box = pair.boxes["b"]
    servers = [subprocess.Popen(box.command(*words), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)
               for words in (["nginx", "-e", "stderr", "-c", path],
                             ["openssl", "s_server", "-accept", "4001", "-www", "-tls1_2", "-cert", certificate, "-key", key],
                             ["openssl", "s_server", "-accept", "4002", "-www", "-tls1_3", "-cert", certificate, "-key", key])]
    site.add(get("SSL_GET", "virtualhost www.example.com", "enable_sni", "http_protocol 1.1",
                 url=["regex \"^status: ok$\"", "regex_options multiline"]), 443)
    site.add(get("SSL_GET", url=["regex \"New, TLSv1\\\\.2\""]), 4001)
    site.add(get("SSL_GET", url=["regex \"New, TLSv1\\\\.3\""]), 4002)
    try:
        daemon = site.start()
        for port in (443, 4001, 4002):
            wait_said(daemon, "SSL", port, "up, status 200")
    finally:
        for server in servers:
            server.kill()
            server.wait()


def test_bodies(site):
    """Digest and regular expression, over an answer that ends by length, by chunks and by the end of the connection."""
    forms = [b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
             b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
             b"HTTP/1.0 200 OK\r\n\r\nhello"]
    wishes = [("digest 5d41402abc4b2a76b9719d911017c592", "up, status 200"),
              ("digest 5d41402abc4b2a76b9719d911017c593", "down, another body: its MD5 digest begins with 5d41402a"),
              ("regex \"^hel+o$\"", "up, status 200"),
              ("regex HTTP", "down, the body does not match the regex"),
              ("regex h\nregex_no_match", "down, the body matches the regex that it must not match")]
    expected = []
    for form in forms:
        for line, words in wishes:
            port = site.target(targets.plain(form)).port
            site.add(get("HTTP_GET", url=[line]), port)
            expected.append((port, words))
    daemon = site.start()
    for port, words in expected:
        wait_said(daemon, "HTTP", port, words)


def test_pings(site, pair):
    """IPv4 and IPv6, in a namespace where nobody may ping; a machine that is not there."""
    with pair.boxes["a"].entered(), open("/proc/sys/net/ipv4/ping_group_range") as file:
        first, last = map(int, file.read().split())
    assert first > last, "a fresh namespace admits nobody"
    ping = block("PING_CHECK", HTTP_TIMES)
    for address in (SERVERS, "10.9.0.99"):
        site.add(ping, 80, address)
    text = virtual_server("fd00:9::100", 80, "NAT", [real_server("fd00:9::2", 80, ping)])
    daemon = site.start(text)
    daemon.wait_for_log("check PING %s: up, answered" % SERVERS, 30)
    daemon.wait_for_log("check PING fd00:9::2: up, answered", 30)
    until(lambda: re.search(r"check PING 10\.9\.0\.99: down, (timeout|unreachable)", daemon.log()), 30, "a dead host")
    pair.network.cut(pair.boxes["b"])
    until(lambda: re.search(r"check PING 10\.9\.0\.2: down, timeout after \d+\.\d s waiting for the reply", daemon.log()),
          30, "a host that does not answer")
    pair.network.mend(pair.boxes["b"])
    begin = len(daemon.log())
    daemon.wait_for_log("check PING %s: up, answered" % SERVERS, 30, begin)


def test_small_protocols(site, pair):
    """SMTP, DNS and UDP servers that are well, ill, or not there."""
    smtp_good = targets.smtp([b"220-hello\r\n220 mail\r\n", b"250 pleased\r\n", b"221 bye\r\n"])
    expected = [("SMTP", smtp_good, [], "up, connected"),
                ("SMTP", targets.smtp([b"554 go away\r\n"]), [], "down, SMTP reply 554, wanted 220"),
                ("SMTP", targets.smtp([b"220 mail\r\n", b"501 who\r\n"]), [], "down, SMTP reply 501, wanted 250"),
                ("SMTP", targets.smtp([b"SSH-2.0-x\r\n"]), [], "down, not an SMTP reply, waiting for the greeting"),
                ("SMTP", targets.smtp([b"220 mail\r\n", b""]), [], TIMED_OUT),
                ("DNS", targets.dns(0), ["name www.example.com"], "up, answered"),
                ("DNS", targets.dns(2), [], "down, answered with code 2, server failure"),
                ("UDP", targets.echo, [], "up, answered"),
                ("UDP", targets.echo, ["payload 0102", "require_reply 01x2"], "up, answered"),
                ("UDP", targets.echo, ["payload 0102", "require_reply 0103"], "down, another reply than wanted, of 2 bytes"),
                ("UDP", targets.no_reply, [], "up, sent, and no error came back"),
                ("UDP", targets.no_reply, ["require_reply"], TIMED_OUT)]
    ports = []
    for kind, serve, lines, _ in expected:
        ports.append((site.target if kind == "SMTP" else site.datagrams)(serve).port)
        site.add(block(kind + "_CHECK", HTTP_TIMES + lines), ports[-1])
    site.add(block("UDP_CHECK", HTTP_TIMES), 9)  # nobody listens
    daemon = site.start()
    for port, (kind, _, _, words) in zip(ports, expected):
        wait_said(daemon, kind, port, words)
    wait_said(daemon, "UDP", 9, "down, connection refused")


def log_count(daemon, words):
    return daemon.log().count(words)


def test_marks_and_low_ports(site, pair):
    """What links does for a checker: an address that only marked packets reach, and a privileged source port."""
    ip_batch(["addr add 10.9.0.77/32 dev eth0"], pair.boxes["b"].name)
    ip_batch(["rule add pref 10 to 10.9.0.77 fwmark 7 lookup main", "rule add pref 11 to 10.9.0.77 unreachable"],
             pair.boxes["a"].name)
    target = site.target(targets.plain())
    for lines in (["fwmark 7"], ["fwmark 7", "bind_port 513", "bindto 10.9.0.1", "bind_if eth0"], []):
        site.add(block("TCP_CHECK", HTTP_TIMES + ["connect_ip 10.9.0.77", "connect_port %d" % target.port] + lines),
                 target.port + len(site.servers))
    daemon = site.start()
    until(lambda: ("10.9.0.1", 513) in target.peers, 30, "a connection from port 513")
    until(lambda: any(port > 1024 for _, port in target.peers), 30, "a connection with a mark")
    wait_said(daemon, "TCP", target.port, "down, unreachable: Network is unreachable")
    until(lambda: log_count(daemon, ": up, connected") == 2, 30, "the two marked checks to succeed")
    links = daemon.child("links")
    os.kill(links, 9)
    until(lambda: daemon.child("links") not in (None, links), 20, "a new links")
    seen = len(target.peers)
    until(lambda: len(target.peers) > seen + 4, 30, "checks through the new links")
    assert log_count(daemon, ": down,") == 1, "a dead links is no dead server"


def read(path):
    with open(path) as file:
        return file.read()


def make_script(pair, name, body, interpreter="/bin/sh"):
    path = pair.path(name)
    with open(path, "w") as file:
        file.write("#!%s\n" % interpreter + body)
    os.chmod(path, 0o755)
    return path


def misc(path, *lines):
    return block("MISC_CHECK", ["misc_path \"%s\"" % path, "delay_loop 1", "warmup 0", "alpha"] + list(lines))


def test_scripts_decide(site, pair):
    """A script's end is the server's state; who it runs as, what takes too long, what cannot be run."""
    state = pair.path("state")
    ask = make_script(pair, "ask", "exit $(cat %s)\n" % state)
    who = make_script(pair, "who", "id -un > %s/who-$1\n" % pair.directory)
    slow = make_script(pair, "slow", "sleep 60\n")
    broken = make_script(pair, "broken", "", "/no/such/interpreter")
    os.chmod(pair.directory, 0o777)
    with open(state, "w") as file:
        file.write("0")
    os.chmod(state, 0o644)
    for number, check in enumerate((misc(ask), misc(who + " me", "user nobody"), misc(slow, "misc_timeout 1"),
                                    misc(broken))):
        site.add(check, 8001 + number)
    daemon = site.start()
    said = "check MISC 10.9.0.2:%d %s: "
    daemon.wait_for_log(said % (8001, ask) + "up, exit status 0", 30)
    daemon.wait_for_log(said % (8002, who) + "up, exit status 0", 30)
    daemon.wait_for_log(said % (8003, slow) + "down, the script was ended after ", 30)
    daemon.wait_for_log(said % (8004, broken) + "down, the script cannot be executed: No such file", 30)
    until(lambda: read(pair.path("who-me")) == "nobody\n", 30, "the script to run as nobody")
    with open(state, "w") as file:
        file.write("3")
    daemon.wait_for_log(said % (8001, ask) + "down, exit status 3", 30)


def test_a_dead_scripts_process_is_no_dead_server(site, pair):
    """Its runs are no result, and the next ones are made by its successor."""
    diary = pair.path("diary")
    check = make_script(pair, "check", "echo run >> %s\nsleep 0.3\n" % diary)
    site.add(misc(check, "misc_timeout 5"), 8001)
    daemon = site.start()
    daemon.wait_for_log("up, exit status 0", 30)
    scripts = daemon.child("scripts")
    os.kill(scripts, 9)
    until(lambda: daemon.child("scripts") not in (None, scripts), 20, "a new scripts process")
    runs = read(diary).count("run")
    until(lambda: read(diary).count("run") > runs + 2, 30, "runs by the new one")
    assert "down" not in re.findall(r"check MISC \S+ \S+: (\w+),", daemon.log())


def test_status_shows_them(site, certificates):
    own = certificates["www.example.com"]
    port = site.target(targets.tls(*own)).port
    site.add(get("SSL_GET"), port)
    daemon = site.start()
    wait_said(daemon, "SSL", port, "up, status 200")
    program = os.path.join(build_directory(), "tandemctl")
    done = subprocess.run([program, "-p", daemon.pid_file, "--json", "status"], text=True, capture_output=True, timeout=120)
    check = json.loads(done.stdout)["virtual_servers"][0]["real_servers"][0]["checks"][0]
    assert (check["type"], check["up"], check["code"]) == ("SSL_GET", True, "ok")
