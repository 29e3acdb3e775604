"""What tandem says to other people's files, beside what keepalived said: all of the corpus, not only users' files.

keepalived's verdicts (2.2.7, verdicts.tsv, and with `-i` verdicts-config-id.tsv) were made on a machine that had every
interface a file names, and no script or user but haproxy, without which keepalived complains of file 137; so is the one
here. Where the exit status differs, the table says why. It is read both ways.
"""
import csv
import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

import corpus
import reading
from lab.daemon import build_directory
from lab.namespace import Namespace, ip_batch

pytestmark = [pytest.mark.host,
              pytest.mark.skipif(not corpus.is_here(), reason=corpus.ABSENT)]

GOOD, COMPLAINTS, REFUSED = 0, 1, 2
# keepalived's exit codes: 5 something reported, 6 script security, 2 given up, 143 it ended itself by SIGTERM.
LIKE = {"0": GOOD, "5": COMPLAINTS, "6": COMPLAINTS, "2": REFUSED, "143": REFUSED}
SEVERITY = {"note": GOOD, "warning": COMPLAINTS, "error": REFUSED}
HANG_S = 60

UNCHECKED = "keepalived only logs that it leaves out a MISC_CHECK whose script is missing; a server that nobody checks any " \
            "more is worth an exit status"
NAMESPACE = "keepalived ends its check at a net_namespace that is not there, without a word of it; tandem reads on and finds " \
            "mistakes"
MAIL_NAME = "keepalived resolves the mail server's name when it reads the file, and complains where no name is resolved, as " \
            "here; tandem resolves it when there is a mail to send"
NO_IPTABLES = "this build of keepalived lacks iptables and says that it uses nftables instead, as tandem always does"
VMAC_NAME = "the machine of the verdict had an ordinary interface of the name that the file gives to a VMAC"
ROUTE = "this keepalived cannot watch a route that names no interface; the newer one can, and tandem"
ENDED = "this keepalived ended itself while it checked; the newer one does not refuse the file"

# file, or (file, config id) where that makes the difference: (what tandem says, why it is not what keepalived says)
DIFFERENT = {
    "005-acassen-keepalived.conf": (COMPLAINTS, UNCHECKED),
    "008-acassen-keepalived.conf": (GOOD, ROUTE),
    "134-pqarmitage-keepalived-devel-tools.conf": (COMPLAINTS, UNCHECKED),
    "144-pqarmitage-keepalived-devel-tools.conf": (COMPLAINTS, NAMESPACE),
    "151-pqarmitage-keepalived-devel-tools.conf": (COMPLAINTS, ENDED),
    ("157-pqarmitage-keepalived-devel-tools.conf", "medium"): (GOOD, ROUTE),
    "168-pqarmitage-keepalived-devel-tools.conf": (GOOD, ROUTE),
    "170-pqarmitage-keepalived-devel-tools.conf": (GOOD, NO_IPTABLES),
    "218-pqarmitage-keepalived-devel-tools.conf": (COMPLAINTS, NAMESPACE),
}


def verdicts():
    """{(file, its config id or None): keepalived's exit code}."""
    found = {}
    for name in ("verdicts.tsv", "verdicts-config-id.tsv") if corpus.is_here() else ():
        with open(os.path.join(corpus.FOLDER, name), newline="", encoding="utf-8") as table:
            for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE):
                found[row["file"], row.get("config_id")] = row["exit_code"]
    return found


@pytest.fixture(scope="module")
def machine():
    """A namespace with every interface that any file names, up and with an address."""
    names = sorted({name for file, config_id in verdicts()
                    for name in reading.interfaces(reading.parse(corpus.text(file), config_id))})
    space = Namespace("tandem%d-verdicts" % os.getpid())
    ip_batch(["netns add " + space.name])
    try:
        lines = ["link set lo up"]
        for number, name in enumerate(names):
            lines += ['link add "%s" type bridge' % name, 'link set "%s" up' % name,
                      'addr add 10.%d.%d.1/24 dev "%s"' % (number // 256, number % 256, name)]
        ip_batch(lines, space.name)
        yield space
    finally:
        space.delete()


@pytest.fixture(scope="module")
def accounts(tmp_path_factory):
    """Words before a command: for it the machine has the user of the verdicts' machine."""
    passwd = tmp_path_factory.mktemp("etc") / "passwd"
    with open("/etc/passwd", encoding="utf-8") as file:
        others = [line for line in file if not line.startswith("haproxy:")]
    passwd.write_text("".join(others) + "haproxy:x:61000:61000::/:/usr/sbin/nologin\n", encoding="utf-8")
    return ["unshare", "--mount", "--", "sh", "-c", 'mount --bind "$0" /etc/passwd && exec "$@"', str(passwd)]


@pytest.fixture(scope="module")
def findings(machine, accounts):
    """{(file, config id): what tandemctl check says, from JSON}. One that hangs or crashes it fails every test."""
    def check(case):
        name, config_id = case
        words = accounts + [os.path.join(build_directory(), "tandemctl"), "--json"]
        words += ["-i", config_id] if config_id else []
        done = subprocess.run(machine.command(*words, "check", os.path.join(corpus.FOLDER, "conf", name)),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=HANG_S)
        assert done.returncode in (GOOD, COMPLAINTS, REFUSED) and not done.stderr, (case, done)
        said = json.loads(done.stdout.decode("utf-8", "replace"))
        assert said["exit_status"] == done.returncode, case
        return said["diagnostics"]

    with ThreadPoolExecutor(4) as pool:
        return dict(zip(verdicts(), pool.map(check, verdicts())))


def unbuilt(diagnostics):
    """Keywords that are refused because their effect is not built: they may hide what else there would be to say."""
    return [item for item in diagnostics if item["problem"] == "not_built"]


def said_of(diagnostics):
    """What would be the exit status if everything were built."""
    return max([SEVERITY[item["severity"]] for item in diagnostics if item["problem"] != "not_built"] or [GOOD])


def test_each_file_has_keepalived_s_verdict_or_a_reason_why_not(findings):
    wrong = []
    for case, code in verdicts().items():
        mine, theirs = said_of(findings[case]), LIKE[code]
        expected, reason = DIFFERENT.get(case, DIFFERENT.get(case[0], (theirs, None)))
        if mine < expected and unbuilt(findings[case]):
            continue
        if mine != expected:
            wrong.append("%s %s: tandem %d, keepalived %s%s" % (*case, mine, code, ", though: " + reason if reason else ""))
    assert not wrong, "\n".join(wrong)


def test_the_table_of_differences_holds_nothing_that_agrees():
    theirs = verdicts()
    assert not [key for key, (mine, _) in DIFFERENT.items()
                if mine == LIKE[theirs[key if isinstance(key, tuple) else (key, None)]]]


def test_every_message_has_a_place(findings):
    for name, diagnostics in findings.items():
        assert not [item for item in diagnostics if not item.get("line") or not item.get("column")], name
