"""tandemctl: asks and commands a running daemon, and may only do what its user may."""
import json
import os
import pwd
import stat
import subprocess

import pytest

from lab.configuration import global_defs, instance
from lab.daemon import build_directory
from lab.waiting import until

pytestmark = pytest.mark.host

VIP = "10.9.0.100"


def ask(daemon, *words, user=None):
    """Runs tandemctl against the daemon; its exit status and its output."""
    program = os.path.join(build_directory(), "tandemctl")
    done = subprocess.run([program, "-p", daemon.pid_file] + list(words), text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=120, user=user, group=user, extra_groups=[] if user else None)
    return done.returncode, done.stdout


def test_status_tells_the_state_as_table_and_as_json(pair):
    a = pair.start("a", global_defs() + instance(200, name="front"))
    pair.wait_master("a")
    code, text = ask(a, "status")
    assert code == 0 and any("front" in line and "MASTER" in line for line in text.splitlines()), text
    code, text = ask(a, "--json", "status")
    front = json.loads(text)["instances"][0]
    assert (code, front["name"], front["state"], front["effective_priority"]) == (0, "front", "MASTER", 200)
    assert front["adverts"]["sent"] >= 1


def test_reload_waits_and_tells_the_outcome(pair):
    good = global_defs() + instance(200)
    a = pair.start("a", good)
    pair.wait_master("a")
    a.configure(good.replace("priority 200", "priority 190"))
    code, text = ask(a, "reload")
    assert code == 0, text
    until(lambda: pair.capture["a"].adverts[-1].priority == 190, 10, "adverts with the new priority")
    a.configure("vrrp_instance {")
    code, text = ask(a, "reload")
    assert code == 2 and a.configuration + ":1:" in text, "%d %s" % (code, text)
    assert pair.has("a")


def test_check_judges_a_file(pair):
    a = pair.start("a", global_defs() + instance(200))
    for text, wanted in ((global_defs() + instance(200), 0), ("no_such_word 1\n" + instance(200), 1),
                         ("vrrp_instance V {\n    virtual_router_id 51\n    use_vmac\n}\n", 2)):
        path = pair.path("candidate.conf")
        with open(path, "w") as file:
            file.write(text)
        program = pair.boxes["a"].command(os.path.join(build_directory(), "tandemctl"), "check", path)
        done = subprocess.run(program, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert done.returncode == wanted, done.stdout
        assert wanted == 0 or path + ":" in done.stdout
    assert a.is_running()


def test_who_is_neither_root_nor_in_the_group_is_not_heard(pair):
    a = pair.start("a", global_defs() + instance(200))
    pair.wait_master("a")
    path = a.pid_file.replace(".pid", ".sock")
    mode = os.stat(path).st_mode
    assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) & 0o007 == 0, oct(mode)
    # Without a user tandem the group is nobody's own; then another user must be kept out.
    stranger = pwd.getpwnam("daemon").pw_uid
    code, text = ask(a, "status", user=stranger)
    assert code == 3, text


def test_without_a_daemon_it_says_so(pair):
    a = pair.daemon("a", global_defs() + instance(200))
    code, text = ask(a, "status")
    assert code == 3 and text.strip()
