"""A real mail server (exim) inside a box: what it is told to accept, what it got, in how many sessions."""
import email
import email.policy
import os
import pwd
import re
import shutil
import subprocess

from lab.waiting import until

PROGRAM = "/usr/sbin/exim4"
USER = "Debian-exim"

SETTINGS = """primary_hostname = localhost
spool_directory = {directory}/spool
log_file_path = {directory}/%slog
pid_file_path = {directory}/pid
log_selector = +smtp_connection +subject
local_interfaces = 127.0.0.1
daemon_smtp_ports = 25 : 465
tls_on_connect_ports = 465
tls_advertise_hosts = *
tls_certificate = {directory}/certificate.pem
tls_privatekey = {directory}/key.pem
deliver_drop_privilege = true
never_users =
trusted_users = {user}
smtp_accept_max_per_connection = 0
rfc1413_query_timeout = 0s
received_header_text =
acl_smtp_rcpt = recipient
begin acl
recipient:
{rules}  deny condition = ${{if eq{{$local_part}}{{nobody}}}}
    message = there is no such mailbox
  accept
begin routers
all:
  driver = accept
  transport = box
begin transports
box:
  driver = appendfile
  file = {directory}/box
  user = {user}
  mode = 0644
  message_prefix = "\\001\\n"
  message_suffix = ""
  batch_max = 100
begin retry
* * F,1h,1m
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{alice}}}}{{eq{{$auth3}}{{se cret}}}}}}}}
  server_set_id = $auth2
  server_advertise_condition = ${{if def:tls_in_cipher}}
"""

ONLY_TLS_AND_AUTH = """  deny !encrypted = *
    message = in the clear
  deny !authenticated = *
    message = who are you
"""


class MailServer:
    """On 127.0.0.1 of the box, port 25 (STARTTLS offered) and 465 (TLS); its certificate is for localhost."""

    def __init__(self, box, directory, strict=False):
        self.box, self.directory = box, directory
        self.process = None
        self.authority = os.path.join(directory, "certificate.pem")
        user = pwd.getpwnam(USER)
        for name in (directory, os.path.join(directory, "spool")):
            os.makedirs(name)
            os.chown(name, user.pw_uid, user.pw_gid)
        with open(self._path("configuration"), "w") as file:
            file.write(SETTINGS.format(directory=directory, user=USER, rules=ONLY_TLS_AND_AUTH if strict else ""))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost", "-keyout", self._path("key.pem"),
                        "-out", self.authority], check=True, stderr=subprocess.DEVNULL)
        os.chown(self._path("key.pem"), user.pw_uid, user.pw_gid)
        os.chmod(self.authority, 0o644)

    def _path(self, name):
        return os.path.join(self.directory, name)

    def _read(self, name):
        try:
            with open(self._path(name), errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def start(self):
        self.process = subprocess.Popen(self.box.command(PROGRAM, "-C", self._path("configuration"), "-bdf"),
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        until(self._listens, 20, "the mail server; %s" % self._read("mainlog"))
        return self

    def _listens(self):
        return ":19 " in self.box.run("cat", "/proc/net/tcp").replace(":0019 ", ":19 ")

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
            self.process = None

    def mails(self):
        """What was delivered so far, in order."""
        return [email.message_from_string(text, policy=email.policy.default)
                for text in self._read("box").split("\001\n")[1:]]

    def received(self):
        """Subjects in the order it was sent them; it delivers them in any order."""
        return re.findall(r'^.* <= .* T="(.*?)"', self._read("mainlog"), re.M)

    def subjects(self):
        return [str(mail["Subject"]) for mail in self.mails()]

    def wait(self, subject, timeout=30):
        until(lambda: subject in self.subjects(), timeout, "a mail %r; there are %s" % (subject, self.subjects()))

    def sessions(self):
        """How many ended, and how."""
        return re.findall(r"SMTP connection from .* (closed by QUIT|lost.*|closed.*)$", self._read("mainlog"), re.M)

    def log(self):
        return self._read("mainlog") + self._read("paniclog") + self._read("rejectlog")


def is_installed():
    return os.access(PROGRAM, os.X_OK) and shutil.which("openssl") is not None
