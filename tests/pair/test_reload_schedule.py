"""When reloads come and what they leave: reload_time_file, reload_repeat, reload_file, reload_check_config; and that a
refused one is told of until the next good one.

Nothing here waits for a time of day: what a file names is seconds ahead, and a daily time only has to be planned."""
import json
import os
import signal
import subprocess
import time

import pytest

from lab.configuration import global_defs, instance
from lab.daemon import build_directory, copy_programs
from lab.waiting import until

pytestmark = pytest.mark.host

IN_FORCE = "the new configuration is in force"
PATIENCE = 60  # what is waited for comes in any case; how soon depends on the machine


def tandemctl(daemon, *words):
    return subprocess.run([os.path.join(build_directory(), "tandemctl"), "-p", daemon.pid_file, *words],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE)


def configuration_of(daemon):
    """What status says of the configuration; None while ctl is being replaced."""
    answer = tandemctl(daemon, "--json", "status")
    return json.loads(answer.stdout)["configuration"] if answer.returncode == 0 else None


def utc(seconds):
    return time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime(seconds))


def write(path, text):
    with open(path + ".new", "w") as file:
        file.write(text)
    os.rename(path + ".new", path)


def start(pair, *lines):
    a = pair.start("a", global_defs(*lines) + instance(200))
    a.wait_for_log("runs with", PATIENCE)
    return a


def planned(daemon):
    return (configuration_of(daemon) or {}).get("next_reload")


def write_soon(daemon, when, form):
    """Writes a time that is still to come when the daemon reads it, and returns it, in seconds since 1970."""
    for lead in (3, 20, 100):
        due, mark = int(time.time()) + lead, len(daemon.log())
        write(when, time.strftime(form, time.gmtime(due)))
        until(lambda: "next reload comes at" in daemon.log()[mark:] or "is past" in daemon.log()[mark:], PATIENCE,
              "the file to be read")
        if time.strftime("comes at %Y-%m-%d %H:%M:%S", time.localtime(due)) in daemon.log()[mark:]:
            return due
    raise AssertionError("the daemon read the file too late, three times")


# ---------------------------------------------------------------- a time

def test_a_reload_comes_once_at_its_time(pair):
    when = pair.path("when")
    a = start(pair, "reload_time_file " + when)
    assert planned(a) is None
    due = write_soon(a, when, "%Y-%m-%d %H:%M:%SZ\n")
    a.wait_for_log(IN_FORCE, 3 * PATIENCE)
    assert time.time() >= due, "it came before its time"
    assert not os.path.exists(when), "the file is removed"
    assert planned(a) is None
    assert a.log().count(IN_FORCE) == 1


def test_the_plan_follows_the_file(pair):
    when = pair.path("soon/when")  # a directory that comes later
    a = start(pair, "reload_time_file " + when)
    first, second = time.time() + 5000, time.time() + 9000
    os.mkdir(os.path.dirname(when))
    write(when, utc(first))
    until(lambda: planned(a) == utc(first).replace(" ", "T"), PATIENCE, "the first time", every=0.1)
    assert "next reload at" in tandemctl(a, "status").stdout
    with open(when, "w") as file:  # in place
        file.write(utc(second))
    until(lambda: planned(a) == utc(second).replace(" ", "T"), PATIENCE, "the second time", every=0.1)
    os.unlink(when)
    until(lambda: planned(a) is None, PATIENCE, "no plan", every=0.1)
    write(when, utc(first))
    until(lambda: planned(a), PATIENCE, "a plan again", every=0.1)
    write(when, "tomorrow\n")
    a.wait_for_log("its first line is no time", PATIENCE)
    until(lambda: planned(a) is None, PATIENCE, "no plan", every=0.1)
    write(when, utc(time.time() - 100))
    a.wait_for_log("that time is past", PATIENCE)
    write(when, utc(first))
    until(lambda: planned(a), PATIENCE, "a plan again", every=0.1)
    os.kill(a.child("ctl"), signal.SIGKILL)  # the plan is not ctl's
    until(lambda: planned(a), PATIENCE, "the plan to be known to another ctl", every=0.1)
    a.reload(global_defs() + instance(200))
    a.wait_for_log(IN_FORCE, PATIENCE)
    until(lambda: planned(a) is None, PATIENCE, "the plan to go with its keyword", every=0.1)


def test_a_repeated_reload_stays_planned(pair):
    when = pair.path("when")
    a = start(pair, "reload_time_file " + when, "reload_repeat")
    due = write_soon(a, when, "%H:%M:%SZ")
    a.wait_for_log(IN_FORCE, 3 * PATIENCE)
    assert time.time() >= due
    assert os.path.exists(when)
    until(lambda: planned(a) == utc(due + 86400).replace(" ", "T"), PATIENCE, "tomorrow's", every=0.1)


# ---------------------------------------------------------------- the flag

def slow_reader(pair):
    """Programs whose reader begins to read only when nothing is at the path that is returned too."""
    command = copy_programs(pair.path("programs"))
    reader, gate = pair.path("programs/tandem-reader"), pair.path("gate")
    os.rename(reader, reader + "-itself")
    with open(reader, "w") as file:
        file.write('#!/bin/sh\nwhile [ -e %s ]; do sleep 0.05; done\nexec %s-itself "$@"\n' % (gate, reader))
    os.chmod(reader, 0o755)
    return command, gate


@pytest.mark.parametrize("named", [True, False])
def test_a_file_is_there_while_the_configuration_is_read(pair, named):
    command, gate = slow_reader(pair)
    flag = pair.path("reading") if named else pair.path("a/tandem.reload")
    text = global_defs("reload_file " + flag if named else "reload_file") + instance(200)
    a = pair.daemon("a", text, command=command)
    write(flag, "left over")
    a.start()
    a.wait_for_log("runs with", PATIENCE)
    assert not os.path.exists(flag), "the start removes it"
    for content, outcome in ((text, IN_FORCE), ("nothing {", "the configuration in force stays")):
        write(gate, "")
        write(flag, "by who wrote the configuration")
        mark = len(a.log())
        a.reload(content)
        until(lambda: os.path.getsize(flag) == 0, PATIENCE, "the file to be emptied")
        os.unlink(gate)
        until(lambda: not os.path.exists(flag), PATIENCE, "the file to be removed")
        a.wait_for_log(outcome, PATIENCE, start=mark)
    write(gate, "")
    a.reload(text)
    until(lambda: os.path.exists(flag), PATIENCE, "the file to be made")
    assert os.stat(flag).st_mode & 0o777 == 0o644
    os.unlink(gate)
    until(lambda: not os.path.exists(flag), PATIENCE, "the file to be removed")


# ---------------------------------------------------------------- refusals

def test_complaints_refuse_a_reload_where_that_is_wished(pair):
    log = pair.path("check.log")
    good = global_defs("reload_check_config " + log) + instance(200)
    wrong = good.replace("priority 200", "priority 190\n    no_such_word")
    a = pair.start("a", good)
    pair.wait_master("a")
    begin = a.reload(wrong)
    a.wait_for_log("with reload_check_config no reload takes", PATIENCE)
    with open(log) as file:
        assert a.configuration + ":" in file.read()
    assert "no_such_word" in configuration_of(a)["refused_reload"]["first"]
    assert {x.priority for x in pair.capture["a"].since(begin)} <= {200}
    mark = len(a.log())
    a.reload(good)
    a.wait_for_log(IN_FORCE, PATIENCE, start=mark)
    assert os.path.getsize(log) == 0, "nothing is to be said of a good one"
    mark = len(a.log())
    a.reload(wrong.replace("reload_check_config " + log, ""))
    a.wait_for_log("no reload takes", PATIENCE, start=mark)  # what is in force counts
    mark = len(a.log())
    a.reload(good.replace("reload_check_config " + log, ""))
    a.wait_for_log(IN_FORCE, PATIENCE, start=mark)
    mark = len(a.log())
    a.reload(wrong.replace("reload_check_config " + log, ""))
    a.wait_for_log(IN_FORCE, PATIENCE, start=mark)


def test_a_refused_reload_is_told_until_the_next_good_one(pair):
    good = global_defs() + instance(200)
    wrong = global_defs() + instance(200, lines=["use_vmac"]) + instance(200, vrid=300, vips=["10.9.0.101"])
    a = pair.start("a", good)
    pair.wait_master("a")
    digest = configuration_of(a)["digest"]
    assert "refused_reload" not in configuration_of(a)
    a.configure(wrong)
    answer = tandemctl(a, "reload")
    assert answer.returncode == 2 and a.configuration + ":" in answer.stdout

    def refused():
        return (configuration_of(a) or {}).get("refused_reload")

    first = refused()
    assert first["first"].startswith(a.configuration + ":") and "error: " in first["first"], first
    assert first["problems"] >= 1 and first["first"] in answer.stdout
    assert configuration_of(a)["digest"] == digest
    view = tandemctl(a, "status").stdout
    assert "was refused" in view and first["first"] in view
    os.kill(a.child("ctl"), signal.SIGKILL)
    until(refused, PATIENCE, "the refusal to be known to another ctl", every=0.1)
    a.configure(good)
    assert tandemctl(a, "reload").returncode == 0
    assert refused() is None
    assert "refused" not in tandemctl(a, "status").stdout
