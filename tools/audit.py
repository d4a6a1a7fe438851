"""Asks the vulnerability service about the installed packages, or about a lock file's (`-r FILE`).

Three ends: known vulnerabilities (exit 1), none known of any package, or no verdict, where the service could
not be asked or does not know a package. A package without a verdict is not called clean. A clean answer
counts for a day while the same packages are installed, so that `make lint` asks seldom."""

import hashlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

STAMP = Path(sys.prefix, ".audited")
DAY = 86_400
#: Nobody is asked about ourselves.
OURS = "smsc-emulator"


def main(argv: Sequence[str]) -> int:
    if argv:
        return report(ask(["--disable-pip", *argv]))[1]
    installed = sorted(f"{package.name}=={package.version}" for package in metadata.distributions())
    digest = hashlib.sha256("\n".join(installed).encode()).hexdigest()
    if STAMP.is_file() and STAMP.read_text() == digest and time.time() - STAMP.stat().st_mtime < DAY:
        print(f"dependency audit: {len(installed)} packages, found clean within the last day")
        return 0
    clean, status = report(ask(["--local", "--skip-editable"]))
    if clean:
        STAMP.write_text(digest)
    return status


def report(dependencies: list[dict[str, Any]] | str) -> tuple[bool, int]:
    """Print what was found. Whether every package was found clean, and the exit status."""
    if isinstance(dependencies, str):
        said = f"the vulnerability service could not be asked: {dependencies[:200]}"
        print(f"dependency audit: no verdict, {said}")
        return False, 0
    others = [dependency for dependency in dependencies if dependency["name"] != OURS]
    unknown = [dependency["name"] for dependency in others if "skip_reason" in dependency]
    found = [(dependency, hole) for dependency in others for hole in dependency.get("vulns", [])]
    for dependency, hole in found:
        fixed = ", ".join(hole["fix_versions"]) or "nothing yet"
        print(f"{dependency['name']} {dependency['version']}: {hole['id']}, fixed in {fixed}")
    judged = len(others) - len(unknown)
    if judged:
        print(f"dependency audit: {judged} packages, {len(found)} known vulnerabilities")
    if unknown or not judged:
        named = ", ".join(unknown[:5]) + (", ..." if len(unknown) > 5 else "")
        print(
            f"dependency audit: no verdict on {len(unknown)} packages that the index does not know: {named}"
        )
    return bool(judged) and not unknown and not found, 1 if found else 0


def ask(what: Sequence[str]) -> list[dict[str, Any]] | str:
    """What pip-audit says of each package, or why it could not be asked."""
    with tempfile.TemporaryDirectory() as folder:
        answered = Path(folder, "report.json")
        command = [sys.executable, "-m", "pip_audit", *what, "--progress-spinner=off"]
        command += ["--timeout=10", "--format=json", f"--output={answered}"]
        try:
            run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        except subprocess.TimeoutExpired:
            return "no answer within 120 s"
        if not answered.is_file() or not answered.stat().st_size:
            return (run.stderr.strip().splitlines() or [f"exit {run.returncode}"])[-1]
        found: list[dict[str, Any]] = json.loads(answered.read_text(encoding="utf-8"))["dependencies"]
        return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
