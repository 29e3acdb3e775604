"""The programs under test, copied as a package manager would install them: new files, renamed over the old ones."""
import os
import shutil
import subprocess

from lab.daemon import build_directory, copy_programs

NEXT_VERSION = "9.9.9"


class Installation:
    """A directory with the programs; install() puts another version there."""

    def __init__(self, directory):
        self.directory = directory
        self.command = copy_programs(directory)  # for a Daemon
        shutil.copy2(os.path.join(build_directory(), "tandemctl"), directory)

    @staticmethod
    def built_version():
        words = subprocess.run([build_directory() + "/tandemctl", "--version"], check=True, text=True,
                               stdout=subprocess.PIPE).stdout
        return words.split()[1]

    def install(self, version=None, change=lambda name, program: program):
        """All programs; with another version number (as long as ours), and changed by change(name, bytes)."""
        ours = self.built_version()
        for name in os.listdir(self.directory):
            with open(os.path.join(build_directory(), name), "rb") as file:
                program = file.read()
            if version:
                assert len(version) == len(ours) and (ours.encode() in program or name != "tandemd")
                program = program.replace(ours.encode(), version.encode())
            self.write(name, change(name, program))

    def write(self, name, program):
        path = os.path.join(self.directory, name)
        with open(path + ".new", "wb") as file:
            file.write(program)
        os.chmod(path + ".new", 0o755)
        os.rename(path + ".new", path)

    def tandemctl(self, daemon, *words):
        """(exit status, what it says)."""
        done = subprocess.run([self.directory + "/tandemctl", "-p", daemon.pid_file, *words], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
        return done.returncode, done.stdout
