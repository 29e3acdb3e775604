"""What a system gets beside programs: the unit, the OpenRC script, bash completion, the Debian scripts."""
import glob
import os
import re
import subprocess

import pytest

from lab.daemon import build_directory

pytestmark = pytest.mark.host

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
SYSTEM = os.path.join(TOP, "daemon", "system")


def output(*words, **more):
    done = subprocess.run(words, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more)
    return done.returncode, done.stdout


# ---------------------------------------------------------------- completion

def complete(*words):
    """What bash offers for the last word."""
    script = """
        source %s/bash-completion
        compopt() { :; }
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        spec=$(complete -p "$1")
        [[ $spec =~ -F\\ ([a-z_]+) ]] && ${BASH_REMATCH[1]} "$1" "${@: -1}" "${@: -2:1}"
        printf '%%s\\n' "${COMPREPLY[@]}"
    """ % SYSTEM
    environment = {**os.environ, "PATH": build_directory() + ":" + os.environ["PATH"]}
    status, said = output("bash", "-uc", script, "bash", *words, env=environment, cwd=os.path.join(TOP, "conf/samples"))
    assert status == 0, said
    return set(said.split())


def options_of(program):
    """Letters and long names, read from --help another way than the completion does."""
    _, said = output(os.path.join(build_directory(), program), "--help")
    return set(re.findall(r"(?<=[ ,])(-\w|--[\w-]+=?)(?=[ ,\[A-Z])", "\n".join(
        line[:40] for line in said.splitlines() if re.match(r" +-", line))))


@pytest.mark.parametrize("program", ["tandemd", "tandemctl"])
def test_every_option_is_offered(program):
    offered = complete(program, "-")
    wanted = options_of(program)
    assert len(wanted) >= 10
    assert {name.rstrip("=") for name in offered} == {name.rstrip("=") for name in wanted}


@pytest.mark.parametrize("words, offered", [
    (("tandemd", "--use"), {"--use-file="}),
    (("tandemd", "-f", "pai"), {"pair.conf"}),
    (("tandemd", "--use-file", "=", "pai"), {"pair.conf"}),
    (("tandemd", "-t", "pai"), set()),  # its argument may be left out, and then stands behind "=" only
    (("tandemd", "--config-test", "=", "pai"), {"pair.conf"}),
    (("tandemd", "-i", ""), set()),
    (("tandemctl", "re"), {"reload"}),
    (("tandemctl", "-j", "statu"), {"status"}),
    (("tandemctl", "-p", "/run/x.pid", "upg"), {"upgrade"}),
    (("tandemctl", "--pid", "=", "/run/x.pid", "upg"), {"upgrade"}),
    (("tandemctl", "check", "pai"), {"pair.conf"}),
    (("tandemctl", "-i", "one", "check", "pai"), {"pair.conf"}),
    (("tandemctl", "status", ""), set()),
], ids=lambda value: "-".join(value) if isinstance(value, tuple) else "")
def test_completion(words, offered):
    assert complete(*words) == offered


def test_commands_are_offered():
    assert complete("tandemctl", "") >= {"status", "reload", "check", "version", "upgrade"}


# ---------------------------------------------------------------- scripts

SCRIPTS = [build_directory() + "/daemon/system/openrc"] + sorted(
    path for kind in ("preinst", "postinst", "prerm", "postrm") for path in glob.glob(TOP + "/debian/*." + kind))


@pytest.mark.parametrize("path", SCRIPTS, ids=os.path.basename)
def test_a_script_is_good_shell(path):
    for command in (["sh", "-n"], ["shellcheck", "-s", "sh"]):
        status, said = output(*command, path)
        assert status == 0, said


def test_the_completion_is_good_bash():
    status, said = output("shellcheck", "-s", "bash", SYSTEM + "/bash-completion")
    assert status == 0, said


def openrc(words, directory):
    """Sources the script with stand-ins for what openrc-run provides, then runs the words."""
    functions = 'ebegin() { echo "$@"; }; eend() { return $1; }; checkpath() { echo checkpath "$@"; }\n'
    with open(SCRIPTS[0]) as file:
        text = re.sub(r"/[\w/]+/(tandemd|tandemctl)\b", directory + r"/\1", file.read())
    return output("sh", "-c", functions + text + "\n" + words)


def test_the_openrc_script_refuses_what_would_not_start(tmp_path):
    """Exit status 1 of -t is no refusal: keepalived would run with such a file, so do we."""
    for status, passes in ((0, True), (1, True), (2, False)):
        for name in ("tandemd", "tandemctl"):
            program = tmp_path / name
            program.write_text("#!/bin/sh\nexit %d\n" % status)
            program.chmod(0o755)
        for words in ("checkconfig", "reload"):
            assert (openrc(words, str(tmp_path))[0] == 0) == passes, (words, status)


# ---------------------------------------------------------------- systemd

@pytest.fixture
def unit(tmp_path):
    """The unit as it is installed, for programs where they were built."""
    with open(build_directory() + "/daemon/system/tandem.service") as file:
        text = re.sub(r"=\S+/sbin/tandemd", "=" + build_directory() + "/tandemd", file.read())
    path = tmp_path / "tandem.service"
    path.write_text(text)
    return path


def test_the_unit_is_one_that_systemd_understands(unit):
    status, said = output("systemd-analyze", "verify", "--man=no", str(unit))
    about_us = [line for line in said.splitlines() if "tandem" in line]
    assert (status, about_us) == (0, []), said


def test_the_unit_says_what_the_daemon_relies_on(unit):
    lines = dict(line.split("=", 1) for line in unit.read_text().splitlines() if "=" in line and line[0] != "#")
    assert lines["Type"] == "notify" and lines["NotifyAccess"] == "main"
    assert int(lines["WatchdogSec"]) > 0
    assert lines["KillMode"] == "mixed", "the supervisor stops its children itself"
    assert " -n" in lines["ExecStart"]
    assert lines["Conflicts"] == "keepalived.service"


def test_user_and_run_directory_are_made_as_described(tmp_path):
    (tmp_path / "etc").mkdir()
    status, said = output("systemd-sysusers", "--root=" + str(tmp_path), os.path.join(SYSTEM, "tandem.sysusers"))
    assert status == 0, said
    assert re.search(r"^tandem:x:\d+:\d+:", (tmp_path / "etc/passwd").read_text(), re.M)
    assert re.search(r"^tandem:x:\d+:", (tmp_path / "etc/group").read_text(), re.M)
    status, said = output("systemd-tmpfiles", "--root=" + str(tmp_path), "--create",
                          os.path.join(SYSTEM, "tandem.tmpfiles"))
    assert status == 0, said
    assert (tmp_path / "run/tandem").is_dir()
