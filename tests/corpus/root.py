"""A root of our own for daemons under test: this machine's files, with stubs for programs that configuration files name.

A mount namespace with an overlay (tests/corpus/enter), held by a process that ends with us.
"""
import os
import shutil
import subprocess
import tempfile

from lab.daemon import build_directory

import reading

HERE = os.path.dirname(os.path.abspath(__file__))
STUB = "#!/bin/sh\nexit 0\n"
STUB_FOLDER = "/usr/bin"  # of programs without a path
FIRST_FREE_USER = 61000


class Root:
    """Made for parsed files: their programs are there and succeed, their users and groups exist, no name resolves."""

    def __init__(self, trees):
        self.directory = tempfile.mkdtemp(prefix="tandem-lab-", dir="/run")
        os.chmod(self.directory, 0o755)
        self.overlay = os.path.join(self.directory, "overlay")
        scratch = os.path.join(self.directory, "scratch")
        os.makedirs(os.path.join(self.overlay, "etc"))
        os.mkdir(scratch)
        with open(os.path.join(self.overlay, "etc", "resolv.conf"), "w"):
            pass
        for tree in trees:
            for program in reading.programs(tree):
                self._stub(program if program.startswith("/") else os.path.join(STUB_FOLDER, program))
        self._accounts({name for tree in trees for name in reading.users(tree)})
        self.holder = subprocess.Popen(
            ["unshare", "--mount", os.path.join(HERE, "enter"), self.overlay, scratch, build_directory(),
             "sh", "-c", "echo ready; read end"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self.holder.stdout.readline() != b"ready\n":
            raise RuntimeError("no root of our own could be made")

    @property
    def wrapper(self):
        """The words before a command that runs it on this root."""
        place = "/proc/%d" % self.holder.pid
        return ["nsenter", "--mount=%s/ns/mnt" % place, "--root=%s/root" % place, "--"]

    def _stub(self, path):
        folder, name = os.path.split(path)
        folder = self.overlay + os.path.realpath(folder)
        os.makedirs(folder, mode=0o755, exist_ok=True)
        with open(os.path.join(folder, name), "w") as file:
            file.write(STUB)
        os.chmod(os.path.join(folder, name), 0o755)

    def _accounts(self, names):
        for path, line in (("/etc/passwd", "%s:x:%d:%d::/:/usr/sbin/nologin\n"), ("/etc/group", "%s:x:%d:\n")):
            with open(path) as file:
                text = file.read()
            known = {entry.partition(":")[0] for entry in text.splitlines()}
            for number, name in enumerate(sorted(names), FIRST_FREE_USER):
                if name not in known:
                    text += line % ((name,) + (number,) * line.count("%d"))
            with open(self.overlay + path, "w") as file:
                file.write(text)

    def close(self):
        self.holder.communicate(b"\n")
        shutil.rmtree(self.directory, ignore_errors=True)
