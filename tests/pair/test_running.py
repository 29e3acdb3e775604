"""tandemctl config and plan tell what the running daemon has in force, reload what it has changed; to root alone."""
import json
import os
import pwd
import subprocess

import pytest

from lab.configuration import (block, global_defs, http_get, instance, password, real_server, sync_group, tcp_check,
                               virtual_server)
from lab.daemon import build_directory
from lab.namespace import ip_batch
from lab.waiting import until

pytestmark = pytest.mark.host

RICH = (global_defs("notification_email {", "    ops@example.net", "}", "smtp_server 127.0.0.1 2525", "smtp_user me",
                    "smtp_password hidden", "vrrp_garp_master_delay 1", "lvs_timeouts tcp 100 udp 30")
        + "vrrp_script sound {\n    script \"/bin/true 'two words'\"\n    interval 2\n    weight 5\n}\n"
        + sync_group("G", ["left", "right"])
        + instance(200, name="left", lines=password("s3cret") + ["notify_master \"/bin/true left\" root", "smtp_alert",
                                                                "version 2", block("track_script", ["sound"])])
        + instance(190, vips=("10.9.0.101/24 dev eth0 label eth0:r",), vrid=52, name="right",
                   lines=[block("virtual_routes", ["192.0.2.0/24 via 10.9.0.2 dev eth0 table 7 no_track"]),
                          block("virtual_rules", ["from 192.0.2.0/24 table 7 priority 700 no_track"]),
                          block("virtual_ipaddress_excluded", ["10.9.0.102"])])
        + virtual_server("10.9.0.100", 80, "NAT",
                         [real_server("127.0.0.1", 81, http_get()), real_server("127.0.0.1", 82, tcp_check(), 3)],
                         ["persistence_timeout 60", "sorry_server 127.0.0.1 83", "quorum 2", "quorum_up \"/bin/true up\""]))


def ask(daemon, *words, user=None):
    """Runs tandemctl against the daemon; its exit status, what it prints, and its complaints."""
    program = os.path.join(build_directory(), "tandemctl")
    done = subprocess.run([program, "-p", daemon.pid_file] + list(words), text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=30, user=user, group=user, extra_groups=[] if user else None)
    return done.returncode, done.stdout, done.stderr


def digest(daemon):
    return json.loads(ask(daemon, "--json", "status")[1])["configuration"]["digest"]


def candidate(pair, text):
    path = pair.path("candidate.conf")
    with open(path, "w") as file:
        file.write(text)
    return path


def start(pair, text):
    """A daemon that answers; which state it is in does not matter here."""
    daemon = pair.start("a", text)
    until(lambda: ask(daemon, "status")[0] == 0, 20, "an answer")
    return daemon


@pytest.mark.parametrize("text", [RICH, global_defs() + instance(255) + "static_routes {\n    192.0.2.0/24 dev eth0\n}\n"],
                         ids=["rich", "plain"])
def test_what_config_prints_is_the_same_configuration(pair, text):
    a = start(pair, text)
    before = digest(a)
    code, printed, why = ask(a, "config")
    assert code == 0 and "virtual_router_id 51" in printed, why
    assert "hidden" not in printed and "s3cret" not in printed
    assert text is not RICH or "(secret)" in printed
    code, plan, why = ask(a, "plan", candidate(pair, printed))
    changes = ["vrrp_instance left", "    ~ auth_pass (changed)"] if text is RICH else ["nothing changes"]
    assert (code, plan.splitlines()) == (0, changes), why
    a.configure(printed)
    code, report, why = ask(a, "reload")
    changes = changes if text is RICH else ["nothing changed"]
    assert code in (0, 1) and report.splitlines() == ["the new configuration is in force"] + changes, why
    assert ("'(secret)' was left in" in why) == (text is RICH)
    assert digest(a) == before
    assert ask(a, "config")[1] == printed


def test_plan_compares_a_file_with_what_runs(pair):
    a = start(pair, RICH)
    other = (RICH.replace("priority 190", "priority 150").replace("10.9.0.102", "10.9.0.103")
             .replace("weight 3", "weight 4").replace("s3cret", "another"))
    code, text, why = ask(a, "plan", candidate(pair, other))
    assert code == 0, why
    assert text.splitlines() == [
        "vrrp_instance left",
        "    ~ auth_pass (changed)",
        "vrrp_instance right",
        "    ~ priority 190 -> 150",
        "    - virtual_ipaddress_excluded 10.9.0.102/32 dev eth0",
        "    + virtual_ipaddress_excluded 10.9.0.103/32 dev eth0",
        "virtual_server 10.9.0.100 80 tcp, real_server 127.0.0.1 82",
        "    ~ weight 3 -> 4"]
    code, text, why = ask(a, "--json", "plan", pair.path("candidate.conf"))
    plan = json.loads(text)
    assert "s3cret" not in text and "another" not in text
    assert plan["changes"][:2] == [
        {"object": "vrrp_instance left", "before": "auth_pass", "after": "auth_pass (changed)"},
        {"object": "vrrp_instance right", "before": "priority 190", "after": "priority 150"}]
    code, text, why = ask(a, "plan", candidate(pair, "vrrp_instance {"))
    assert code == 2 and "candidate.conf:1:" in why and text == ""
    assert digest(a) == json.loads(ask(a, "-j", "status")[1])["configuration"]["digest"]


def test_the_key_that_tells_passwords_apart_is_roots_and_goes_with_the_daemon(pair):
    a = start(pair, RICH)
    key = a.pid_file.replace(".pid", ".key")
    status = os.stat(key)
    assert (status.st_uid, status.st_mode & 0o7777) == (0, 0o600)
    other = candidate(pair, RICH.replace("s3cret", "another"))
    os.rename(key, key + ".away")
    code, text, why = ask(a, "plan", other)
    assert (code, text) == (3, "") and "passwords cannot be compared: %s: No such file" % key in why
    os.rename(key + ".away", key)
    assert ask(a, "plan", other)[1].splitlines() == ["vrrp_instance left", "    ~ auth_pass (changed)"]
    a.stop()
    assert not os.path.exists(key)


def test_reload_tells_what_it_changed(pair):
    good = global_defs() + instance(200, vips=("10.9.0.100", "10.9.0.104"))
    a = start(pair, good)
    pair.wait_master("a")
    a.configure(good.replace("priority 200", "priority 190").replace("\n        10.9.0.104", ""))
    code, text, why = ask(a, "reload")
    assert code == 0, why
    assert text.splitlines() == ["the new configuration is in force", "vrrp_instance V51", "    ~ priority 200 -> 190",
                                 "    - virtual_ipaddress 10.9.0.104/32 dev eth0"]
    a.wait_for_log("the reload: 1 virtual address removed, 1 priority changed")
    code, text, why = ask(a, "reload")
    assert (code, text.splitlines()[1:]) == (0, ["nothing changed"])
    a.configure(good)
    code, text, why = ask(a, "--json", "reload")
    report = json.loads(text)
    assert (code, report["ok"], report["outcome"], len(report["changes"])) == (0, True, 0, 2), why
    a.configure("vrrp_instance {")
    code, text, why = ask(a, "--json", "reload")
    report = json.loads(text)
    assert (code, report["ok"], report["outcome"], report["changes"]) == (2, False, 2, [])
    assert a.configuration + ":1:" in report["text"]


def test_what_is_told_survives_the_death_of_the_teller(pair):
    a = start(pair, global_defs() + instance(200))
    printed = ask(a, "config")[1]
    victim = a.child("ctl")
    os.kill(victim, 9)
    until(lambda: a.child("ctl") not in (None, victim) and ask(a, "config")[:2] == (0, printed), 20, "its successor")


def test_others_than_root_are_refused_in_words(pair):
    a = start(pair, global_defs() + instance(200))
    # As a member of the control group, which here may be nobody's own.
    member = pwd.getpwnam("nobody")
    path = a.pid_file.replace(".pid", ".sock")
    os.chmod(os.path.dirname(path), 0o755)
    code, text, why = ask(a, "config", user=member.pw_uid)
    assert code == 3 and text == "" and "root" in why, why


DRIFTING = (global_defs("vrrp_garp_master_delay 1")
            + instance(200, vips=("10.9.0.100", "10.9.0.105/24 dev eth0 no_track"), lines=[
                block("virtual_routes", ["192.0.2.0/24 via 10.9.0.2 dev eth0 table 7 no_track",
                                         "198.51.100.0/24 dev eth0 no_track"]),
                block("virtual_rules", ["from 192.0.2.0/24 table 7 priority 700 no_track"])])
            + instance(100, vips=("10.9.0.106",), vrid=52, name="other"))


def kernel_plan(daemon, *words):
    """The exit status and the changes of plan --against-kernel, as (object, before, after)."""
    code, text, why = ask(daemon, "--json", "plan", "--against-kernel", *words)
    assert code in (0, 1), why
    return code, [(change["object"], change.get("before"), change.get("after")) for change in json.loads(text)["changes"]]


def test_plan_shows_what_drifted_in_the_kernel(pair):
    a = pair.start("a", DRIFTING)
    pair.wait_master("a")
    until(lambda: kernel_plan(a) == (0, []), 20, "a kernel as it should be")
    assert ask(a, "plan", "-k")[1].strip() == "the kernel has what it is to have"
    ip_batch(["addr del 10.9.0.105/24 dev eth0", "addr add 10.9.0.105/25 dev eth0", "addr add 10.77.0.1/24 dev eth0",
              "route del 192.0.2.0/24 table 7", "route add 203.0.113.0/24 via 10.9.0.2", "rule del priority 700",
              "route replace 198.51.100.0/24 via 10.9.0.2 proto 18"],
             pair.boxes["a"].name)
    code, changes = kernel_plan(a)
    assert (code, changes) == (1, [
        ("vrrp_instance V51", "virtual_ipaddress 10.9.0.105/25 dev eth0", "virtual_ipaddress 10.9.0.105/24 dev eth0 no_track"),
        ("vrrp_instance V51", None, "virtual_routes inet 192.0.2.0/24 via 10.9.0.2 dev eth0 table 7 no_track"),
        ("vrrp_instance V51", "virtual_routes with other settings in its place",
         "virtual_routes inet 198.51.100.0/24 dev eth0 no_track"),
        ("vrrp_instance V51", None, "virtual_rules inet from 192.0.2.0/24 priority 700 no_track table 7")])


def test_plan_shows_what_a_file_would_change_in_the_kernel(pair):
    a = pair.start("a", DRIFTING)
    pair.wait_master("a")
    until(lambda: kernel_plan(a) == (0, []), 20, "a kernel as it should be")
    file = candidate(pair, DRIFTING.replace("10.9.0.100", "10.9.0.109").replace("198.51.100.0/24 dev eth0", "blackhole 198.51.100.0/24"))
    code, changes = kernel_plan(a, file)
    assert code == 1 and set(changes) == {
        ("vrrp_instance V51", None, "virtual_ipaddress 10.9.0.109/32 dev eth0"),
        ("vrrp_instance V51", "virtual_ipaddress 10.9.0.100/32 dev eth0", None),
        ("vrrp_instance V51", None, "virtual_routes inet blackhole 198.51.100.0/24 no_track"),
        ("vrrp_instance V51", "virtual_routes inet 198.51.100.0/24 dev eth0 no_track", None)}, changes
