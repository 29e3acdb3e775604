"""Alerts by mail, against a real mail server: what is mailed, how safely, how often, and what a death or an absence costs."""
import os
import re
import signal

import pytest

from lab.configuration import block, global_defs, instance, real_server, sync_group, tcp_check, virtual_server
from lab.mail_server import MailServer, is_installed
from lab.waiting import until

pytestmark = [pytest.mark.host,
              pytest.mark.skipif(not is_installed(), reason="no exim4 and openssl here: mail is NOT tested")]


def mail_defs(*lines, server="127.0.0.1", recipients=("ops@example.org", "Boss <boss@example.org>")):
    quoted = ['"%s"' % one if " " in one else one for one in recipients]
    return global_defs(block("notification_email", quoted), "notification_email_from lb1@example.org",
                       "smtp_server " + server, *lines)


@pytest.fixture
def server(pair):
    """Not started: MailServer of box a, which accepts everything."""
    made = MailServer(pair.boxes["a"], pair.path("mail"))
    yield made
    made.stop()


@pytest.fixture
def strict_server(pair):
    """It wants TLS and a password."""
    made = MailServer(pair.boxes["a"], pair.path("mail"), strict=True)
    yield made
    made.stop()


def test_changes_are_mailed_in_one_session(pair, server):
    server.start()
    text = mail_defs("smtp_alert") + sync_group("all", ["web"]) + instance(255, name="web", state="MASTER")
    a = pair.start("a", text)
    server.wait("[lab] VRRP Instance web - Entering MASTER state")
    server.wait("[lab] VRRP Group all - Entering MASTER state")
    until(lambda: server.sessions(), 10, "the end of the session")
    assert server.sessions() == ["closed by QUIT"], "one session for all"
    mail = next(mail for mail in server.mails() if "Instance web" in mail["Subject"])  # exim delivers in any order
    assert mail["From"] == "lb1@example.org"
    assert mail["To"] == "ops@example.org, Boss <boss@example.org>"
    assert mail["Date"] and mail["Message-ID"]
    assert "(priority 255)" in mail.get_content()
    a.stop()
    server.wait("[lab] VRRP Instance web - Stopping")
    server.wait("[lab] VRRP Group all - Stopping")


def test_who_is_mailed_about(pair, server):
    """Without smtp_alert virtual routers are silent and real servers are not; no_email_faults leaves faults out."""
    server.start()
    text = mail_defs("no_email_faults") + instance(255, name="silent", state="MASTER")
    text += instance(255, vips=["10.9.0.101"], vrid=52, name="loud", state="MASTER", lines=["smtp_alert"])
    text += virtual_server("10.9.0.200", 80, "NAT", [
        real_server("10.9.0.1", 4242, tcp_check(retry=1)),
        real_server("10.9.0.1", 4243, tcp_check(retry=1), lines=["smtp_alert off"])])
    pair.start("a", text)
    server.wait("[lab] Realserver [10.9.0.1]:tcp:4242 of virtual server [10.9.0.200]:tcp:80 - DOWN")
    server.wait("[lab] VRRP Instance loud - Entering MASTER state")
    pair.network.unplug(pair.boxes["a"])
    pair.wait_without("a", "10.9.0.101")
    pair.network.plug(pair.boxes["a"])
    until(lambda: server.subjects().count("[lab] VRRP Instance loud - Entering MASTER state") == 2, 30, "MASTER again")
    assert not [subject for subject in server.subjects() if "silent" in subject or "4243" in subject or "FAULT" in subject]


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_tls_and_a_password(pair, strict_server, tls):
    strict_server.start()
    text = mail_defs("smtp_alert", "smtp_tls " + tls, "smtp_user alice", 'smtp_password "se cret"',
                     "smtp_ca_file " + strict_server.authority, server="localhost")
    a = pair.start("a", text + instance(255, name="web", state="MASTER"))
    strict_server.wait("[lab] VRRP Instance web - Entering MASTER state")
    assert "A=plain:alice" in strict_server.log() and "X=TLS" in strict_server.log()
    assert "se cret" not in a.log()


def test_a_wrong_certificate_is_no_server(pair, strict_server):
    """Rather no mail than one to whoever answers; said once, in words."""
    strict_server.start()
    text = mail_defs("smtp_alert", "smtp_tls starttls", "smtp_user alice", 'smtp_password "se cret"', server="localhost")
    a = pair.start("a", text + instance(255, name="web", state="MASTER"))
    a.wait_for_log("mail server localhost, port 25, cannot be used: SSL certificate problem", timeout=20)
    trusted = text.replace("smtp_tls starttls", "smtp_tls starttls\n    smtp_ca_file " + strict_server.authority)
    a.reload(trusted + instance(255, name="web", state="MASTER"))
    strict_server.wait("[lab] VRRP Instance web - Entering MASTER state", timeout=60)
    a.wait_for_log("mail server localhost works again")
    assert a.log().count("cannot be used") == 1


def test_a_refused_mail_does_not_hold_up_the_others(pair, server):
    server.start()
    text = mail_defs("smtp_alert", recipients=("nobody@example.org",)) + instance(255, name="web", state="MASTER")
    a = pair.start("a", text)
    a.wait_for_log("the mail server refuses an alert for good", timeout=20)
    assert "there is no such mailbox" in a.log()
    mark = len(a.log())
    a.reload(text.replace("nobody@example.org", "ops@example.org"))
    a.wait_for_log("the new configuration is in force", start=mark)
    pair.network.unplug(pair.boxes["a"])
    server.wait("[lab] VRRP Instance web - Entering FAULT state")


def test_an_absent_server_and_a_death_lose_nothing(pair, server):
    """It is down; what waits survives the mail process and arrives when the server is there."""
    text = mail_defs("smtp_alert") + instance(255, name="web", state="MASTER")
    a = pair.start("a", text)
    a.wait_for_log("mail server 127.0.0.1, port 25, cannot be used", timeout=20)
    mail = a.child("mail")
    os.kill(mail, signal.SIGKILL)
    until(lambda: a.child("mail") not in (None, mail), 10, "another mail process")
    pair.network.unplug(pair.boxes["a"])
    a.wait_for_log("MASTER -> FAULT")
    server.start()
    server.wait("[lab] VRRP Instance web - Entering FAULT state", timeout=60)
    server.wait("[lab] VRRP Instance web - Entering MASTER state")
    web = [subject.rpartition(" - ")[2] for subject in server.received()]
    assert web == ["Entering MASTER state", "Entering FAULT state"]


def test_a_storm_is_one_digest(pair, server):
    """Hundreds of alerts at once are a handful of mails, and none is missing."""
    server.start()
    count = 120
    text = mail_defs("smtp_alert")
    for number in range(1, count + 1):
        text += instance(255, vips=["10.9.1.%d" % number], vrid=number, name="V%d" % number, state="MASTER")
    a = pair.start("a", text)
    pair.wait_master("a", "10.9.1.%d" % count, timeout=30)

    def told():
        found = set()
        for mail in server.mails():
            everything = str(mail["Subject"]) + "\n" + mail.get_content()
            found.update(re.findall(r"VRRP Instance (V\d+) - Entering MASTER state", everything))
        return found

    until(lambda: len(told()) == count, 90, "all alerts; there are %d in %s" % (len(told()), server.subjects()))
    assert len(server.mails()) <= 11, server.subjects()
    assert re.search(r"\[lab\] \d+ alerts", "\n".join(server.subjects()))
    a.stop(timeout=60)


def test_the_mail_process_may_write_nothing(pair, server):
    """No capability, a filter, no file to be made."""
    server.start()
    a = pair.start("a", mail_defs("smtp_alert") + instance(255, name="web", state="MASTER"))
    server.wait("[lab] VRRP Instance web - Entering MASTER state")
    with open("/proc/%d/status" % a.child("mail")) as file:
        fields = dict(re.findall(r"^(\w+):\s+(.*)$", file.read(), re.M))
    assert int(fields["CapEff"], 16) == int(fields["CapPrm"], 16) == int(fields["CapBnd"], 16) == 0
    assert fields["NoNewPrivs"] == "1" and fields["Seccomp"] == "2"
    assert "0" not in fields["Uid"].split()


def test_without_a_server_there_is_no_mail_process(pair):
    text = global_defs(block("notification_email", ["ops@example.org"]), "smtp_alert")
    a = pair.start("a", text + instance(255, state="MASTER"))
    pair.wait_master("a")
    assert a.child("mail") is None and a.child("scripts") is None
