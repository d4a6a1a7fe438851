"""Asks the vulnerability service about the installed packages; without a network it says so and passes.

A clean answer counts for a day while the same packages are installed, so that `make lint` asks seldom."""

import hashlib
import json
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path
from typing import Any

STAMP = Path(sys.prefix, ".audited")
DAY = 86_400


def main() -> int:
    installed = sorted(f"{package.name}=={package.version}" for package in metadata.distributions())
    digest = hashlib.sha256("\n".join(installed).encode()).hexdigest()
    if STAMP.is_file() and STAMP.read_text() == digest and time.time() - STAMP.stat().st_mtime < DAY:
        print(f"dependency audit: {len(installed)} packages, found clean within the last day")
        return 0
    dependencies = ask()
    if isinstance(dependencies, str):
        print(f"dependency audit skipped, the vulnerability service could not be asked: {dependencies[:200]}")
        return 0
    found = [(dependency, hole) for dependency in dependencies for hole in dependency.get("vulns", [])]
    for dependency, hole in found:
        fixed = ", ".join(hole["fix_versions"]) or "nothing yet"
        print(f"{dependency['name']} {dependency['version']}: {hole['id']}, fixed in {fixed}")
    print(f"dependency audit: {len(dependencies)} packages, {len(found)} known vulnerabilities")
    if not found:
        STAMP.write_text(digest)
    return 1 if found else 0


def ask() -> list[dict[str, Any]] | str:
    """What pip-audit says of each package, or why it could not be asked."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        command = [sys.executable, "-m", "pip_audit", "--local", "--skip-editable", "--progress-spinner=off"]
        command += ["--timeout=10", "--format=json", f"--output={report}"]
        try:
            run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        except subprocess.TimeoutExpired:
            return "no answer within 120 s"
        if not report.is_file() or not report.stat().st_size:
            return (run.stderr.strip().splitlines() or [f"exit {run.returncode}"])[-1]
        found: list[dict[str, Any]] = json.loads(report.read_text(encoding="utf-8"))["dependencies"]
        return found


if __name__ == "__main__":
    sys.exit(main())
