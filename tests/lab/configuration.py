"""keepalived configuration text for the tests, written by functions of what a test cares about."""

GLOBAL = """global_defs {
    router_id lab
    script_user root
%s}
"""


def block(head, lines):
    """A block with each line (or nested block) indented."""
    inner = "\n".join(lines).replace("\n", "\n    ")
    return "%s {\n    %s\n}" % (head, inner)


def global_defs(*lines):
    return GLOBAL % "".join("    %s\n" % line for line in lines)


def instance(priority, vips=("10.9.0.100",), vrid=51, name=None, state="BACKUP", interface="eth0", advert_int=1,
             version=3, lines=()):
    """One vrrp_instance; lines are added as they are."""
    head = ["state " + state, "interface " + interface, "virtual_router_id %d" % vrid, "priority %d" % priority,
            "advert_int %s" % advert_int, "version %d" % version]
    return block("vrrp_instance %s" % (name or "V%d" % vrid),
                 head + list(lines) + [block("virtual_ipaddress", vips)]) + "\n"


def sync_group(name, members, lines=()):
    return block("vrrp_sync_group " + name, [block("group", members)] + list(lines)) + "\n"


def unicast(own, *peers):
    """The lines that make an instance unicast."""
    return ["unicast_src_ip " + own, block("unicast_peer", peers)]


def password(text, kind="PASS"):
    return [block("authentication", ["auth_type " + kind, "auth_pass " + text])]


def virtual_server(address, port, kind, real_servers, lines=(), scheduler="rr", protocol="TCP", delay=1):
    """One virtual_server; real_servers are blocks from real_server()."""
    head = ["delay_loop %s" % delay, "lb_algo " + scheduler, "lb_kind " + kind, "protocol " + protocol]
    return block("virtual_server %s %d" % (address, port), head + list(lines) + list(real_servers)) + "\n"


def real_server(address, port, check=None, weight=1, lines=()):
    return block("real_server %s %d" % (address, port),
                 ["weight %d" % weight] + list(lines) + ([check] if check else []))


# Timeouts of checks are longer than a busy machine takes to answer; who is dead refuses at once.
def tcp_check(timeout=5, retry=1, delay=1):
    return block("TCP_CHECK", ["connect_timeout %s" % timeout, "retry %d" % retry, "delay_before_retry %s" % delay])


def http_get(path="/", status="200", timeout=5, retry=1, delay=1):
    return block("HTTP_GET", [block("url", ["path " + path, "status_code " + status]),
                              "connect_timeout %s" % timeout, "retry %d" % retry, "delay_before_retry %s" % delay])
