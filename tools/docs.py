"""Builds the documentation as a site: pages of docs/, the reference from the code, MkDocs in strict mode.

python tools/docs.py [SITE]        into smsc/guide, which the server serves at /guide, or where it is told
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import reference

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "build" / "docs"
SITE = ROOT / "smsc" / "guide"

#: Pages whose sources are elsewhere in the repository.
ELSEWHERE = {
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "security.md",
    "bench/README.md": "bench.md",
}
_LINK = re.compile(r"\[([^\]]*)\]\(([^)#\s]+)(#[^)\s]*)?\)")
_INLINE = re.compile(r"<(script|style)>(.*?)</\1>", re.DOTALL)
_STYLE = re.compile(r' style="[^"]*"')


def gather(into: Path) -> None:
    """Put all pages into one directory, with links that hold there."""
    shutil.rmtree(into, ignore_errors=True)
    (into / "reference").mkdir(parents=True)
    for path in (ROOT / "docs").iterdir():
        if path.suffix == ".md":
            (into / path.name).write_text(_relinked(path.read_text("utf-8"), path), "utf-8")
        else:
            shutil.copy(path, into / path.name)
    for source, name in ELSEWHERE.items():
        path = ROOT / source
        (into / name).write_text(_relinked(path.read_text("utf-8"), path), "utf-8")
    (into / "index.md").write_text(
        _relinked((ROOT / "README.md").read_text("utf-8"), ROOT / "README.md"), "utf-8"
    )
    for name, text in reference.pages().items():
        (into / "reference" / f"{name}.md").write_text(text, "utf-8")


def _relinked(text: str, page: Path) -> str:
    """Links to pages of the site; what is only in the repository is named instead."""

    def link(match: re.Match[str]) -> str:
        shown, target, anchor = match[1], match[2], match[3] or ""
        if re.match(r"[a-z]+:", target):
            return match[0]
        path = (page.parent / target).resolve()
        if path == ROOT / "README.md":
            return f"[{shown}](index.md{anchor})"
        if path.parent == ROOT / "docs" and path.exists():
            return f"[{shown}]({path.name}{anchor})"
        name = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else target
        if name in ELSEWHERE:
            return f"[{shown}]({ELSEWHERE[name]}{anchor})"
        if name == "smsc/example.toml":
            return f"[{shown}](reference/configuration.md)"
        return f"`{name}`"

    return _LINK.sub(link, text)


def without_inline(site: Path) -> None:
    """Inline scripts and styles become files: the pages then need no exception from a strict policy."""
    folder = site / "assets" / "inline"
    folder.mkdir(parents=True, exist_ok=True)

    def moved(match: re.Match[str], depth: str) -> str:
        kind, content = match[1], match[2]
        name = f"{hashlib.sha256(content.encode()).hexdigest()[:12]}.{'js' if kind == 'script' else 'css'}"
        (folder / name).write_text(content, "utf-8")
        where = f"{depth}assets/inline/{name}"
        return (
            f'<script src="{where}"></script>'
            if kind == "script"
            else f'<link rel="stylesheet" href="{where}">'
        )

    for page in site.rglob("*.html"):
        depth = "../" * (len(page.relative_to(site).parts) - 1)
        text = _INLINE.sub(partial(moved, depth=depth), page.read_text("utf-8"))
        page.write_text(_STYLE.sub("", text), "utf-8")


def main(arguments: list[str]) -> int:
    """Build; 1 when a link is dead or a page stands in no section."""
    site = Path(arguments[0]).resolve() if arguments else SITE
    gather(SOURCES)
    command = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "--quiet",
        "--strict",
        "--clean",
        "--site-dir",
        str(site),
    ]
    done = subprocess.run(command, cwd=ROOT, check=False, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"})
    if done.returncode:
        return 1
    for leftover in ("sitemap.xml", "sitemap.xml.gz"):
        (site / leftover).unlink(missing_ok=True)
    without_inline(site)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
