"""`make lock`: fixes versions and hashes of what the image and the release are made of.

The library itself states ranges (pyproject.toml); these files say what is shipped and tried together:
  deploy/requirements.txt       what runs in the image, and what the bill of materials lists
  tools/requirements-build.txt  what compiles a wheel
  tools/requirements.txt        that, and what else `make dist` needs"""

import subprocess
import sys
import tomllib
from pathlib import Path

import dist

ROOT = Path(__file__).resolve().parent.parent
HEADER = "# Written by `make lock`; edit {} instead.\n"


def compile_lock(uv: str, name: str, wanted: list[str], source: str) -> None:
    command = [uv, "pip", "compile", "-", "--universal", "--python-version=3.11", "--generate-hashes"]
    command += ["--no-header", "--no-annotate", "--quiet", "--upgrade"]
    # What this machine has in a folder of its own is not what others get.
    environment = {
        "PATH": "/usr/bin:/bin",
        "UV_SYSTEM_CERTS": "1",
        "UV_NO_CONFIG": "1",
        "HOME": str(Path.home()),
    }
    run = subprocess.run(
        command, input="\n".join(wanted), capture_output=True, text=True, check=False, env=environment
    )
    if run.returncode:
        sys.exit(f"{name}: {run.stderr.strip()}")
    (ROOT / name).write_text(HEADER.format(source) + run.stdout, encoding="utf-8")
    print(f"{name}: {sum('==' in line for line in run.stdout.splitlines())} packages")


def main() -> None:
    folder = dist.Build(ROOT / "build" / "dist", ROOT / "build" / "dist")
    folder.install_tools()
    uv = str(folder.work / dist.TOOLS / "bin" / "uv")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    building = project["build-system"]["requires"]
    running = [
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["postgres"],
    ]
    tools = [
        line for line in (ROOT / "tools" / "requirements.in").read_text(encoding="utf-8").splitlines() if line
    ]
    compile_lock(uv, "deploy/requirements.txt", running, "pyproject.toml")
    compile_lock(uv, "tools/requirements-build.txt", building, "pyproject.toml")
    compile_lock(uv, "tools/requirements.txt", [*building, *tools], "tools/requirements.in")


if __name__ == "__main__":
    main()
