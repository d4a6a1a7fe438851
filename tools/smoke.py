"""What every package has to do before it is published: say that it is compiled, serve, carry a message and
its receipt over TCP, answer its probes, and end in time when it is told to.

    python tools/smoke.py COMMAND...      # the words that run `smsc`, for example .venv/bin/smsc
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import debian

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "deploy" / "requirements.txt"
SENDER, RECEIVER, TEXT = "4790000001", "4790000002", "Blåbærsyltetøy 🫐"
#: Seconds for a step; emulation is slow, and this is no benchmark.
PATIENCE = 120.0
#: What the server promises about SIGTERM.
STOPS_WITHIN = 10.0


class Failed(Exception):
    """The package does not do what it is for."""


@contextmanager
def process(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A process that is gone at the end, and whose last words stand in the error of what failed meanwhile."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as errors:
        child = subprocess.Popen(
            command, env=dict(environment), stdout=subprocess.PIPE, stderr=errors, text=True, cwd="/tmp"
        )
        watch = threading.Timer(PATIENCE, child.kill)
        watch.start()
        try:
            yield child
        except Exception as error:
            errors.seek(0)
            raise Failed(f"{' '.join(command)}: {error}\n{errors.read()[-2000:]}") from error
        finally:
            watch.cancel()
            child.kill()
            child.wait()
            if child.stdout is not None:
                child.stdout.close()


def line_with(child: subprocess.Popen[str], beginning: str) -> str:
    assert child.stdout is not None
    for line in child.stdout:
        if line.startswith(beginning):
            return line.strip()
    raise Failed(f"ended without a line `{beginning}`")


def answer(command: Sequence[str], environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        command,
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        cwd="/tmp",
    )
    if done.returncode:
        raise Failed(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}{done.stderr[-2000:]}")
    return done.stdout


def compiled(smsc: Sequence[str], environment: Mapping[str, str]) -> str:
    said = answer([*smsc, "version"], environment).strip()
    if ": compiled (" not in said:
        raise Failed(f"not compiled: {said}")
    return said


def exchange(smsc: Sequence[str], environment: Mapping[str, str], port: str) -> None:
    """One message and its receipt, between two handsets, over TCP."""
    with process([*smsc, "listen", RECEIVER, "--count", "1", "--smpp-port", port], environment) as phone:
        # Who binds after the message has come gets it all the same.
        command = [*smsc, "send", "--from", SENDER, "--to", RECEIVER, TEXT, "--wait", "--smpp-port", port]
        said = answer(command, environment)
        if "DELIVRD" not in said:
            raise Failed(f"no receipt of delivery: {said}")
        received = line_with(phone, RECEIVER)
        if TEXT not in received:
            raise Failed(f"another text arrived: {received}")


def probe(http: str, path: str) -> str:
    with urllib.request.urlopen(f"http://{http}{path}", timeout=PATIENCE) as response:
        return str(response.read().decode())


def suite(smsc: Sequence[str], environment: Mapping[str, str]) -> str:
    """All of it; a line on what was seen. Failed, with the reason, when something was not as promised."""
    said = compiled(smsc, environment)
    begun = time.monotonic()
    command = [*smsc, "serve", "--store", "memory:", "--smpp-port", "0", "--http-port", "0"]
    with process(command, environment) as server:
        ready = dict(word.split("=", 1) for word in line_with(server, "ready ").split()[1:])
        after = time.monotonic() - begun
        exchange(smsc, environment, ready["smpp"].rpartition(":")[2])
        probe(ready["http"], "/readyz")
        if "smsc_" not in probe(ready["http"], "/metrics"):
            raise Failed("/metrics tells nothing")
        begun = time.monotonic()
        server.send_signal(signal.SIGTERM)
        if server.wait(STOPS_WITHIN):
            raise Failed(f"SIGTERM: exit {server.returncode}")
        stopped = time.monotonic() - begun
    return f"{said}; ready in {after:.1f} s, a message and its receipt, stopped in {stopped:.1f} s"


def wheel(path: Path, python: Path, version: str, machine: str, work: Path) -> str:
    """Install a wheel where no compiler is, and try it; or why it could not be tried here."""
    if machine == os.uname().machine:
        return installed(path, python, work)
    return emulated(path, version, machine, work)


def installed(path: Path, python: Path, work: Path) -> str:
    folder = work / "smoke"
    shutil.rmtree(folder, ignore_errors=True)
    environment = {"PATH": str(folder / "bin"), "HOME": "/tmp", **inherited()}
    answer([str(python), "-m", "venv", str(folder)], environment)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    answer([*pip, "--require-hashes", "--only-binary=:all:", "-r", str(LOCK)], environment)
    answer([*pip, "--no-deps", "--no-index", str(path)], environment)
    return suite([str(folder / "bin" / "smsc")], environment)


def inherited() -> dict[str, str]:
    """How the package index is reached is this machine's matter."""
    return {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "LANG"))}


def emulated(path: Path, version: str, machine: str, work: Path) -> str:
    """Under qemu, in the interpreter that a suite of Debian has for the machine."""
    qemu = f"qemu-{machine}-static"
    if shutil.which(qemu) is None:
        return f"not tried: apt-get install qemu-user-static ({qemu} is missing)"
    try:
        root = debian.root(version, machine, ROOT / "build" / "pythons")
    except debian.Unavailable as why:
        return f"not tried: no interpreter for {machine} to be had; {why}"
    site = work / f"{machine}-site"
    shutil.rmtree(site, ignore_errors=True)
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--quiet",
        "--disable-pip-version-check",
        "install",
        "--target",
        str(site),
    ]
    pip += ["--implementation", "cp", "--python-version", version, "--only-binary=:all:"]
    for platform in ("manylinux2014", "manylinux_2_17", "manylinux_2_28"):
        pip += ["--platform", f"{platform}_{machine}"]
    answer([*pip, "--require-hashes", "--no-deps", "-r", str(LOCK)], os.environ)
    answer([*pip, "--no-deps", "--no-index", str(path)], os.environ)
    command = [
        qemu,
        "-L",
        str(root),
        "-E",
        f"PYTHONPATH={site}",
        str(root / "usr" / "bin" / f"python{version}"),
    ]
    return "under qemu: " + suite([*command, "-m", "smsc"], {"PATH": "/usr/bin", "HOME": "/tmp"})


if __name__ == "__main__":
    print(suite(sys.argv[1:], os.environ))
