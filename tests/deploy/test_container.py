"""The Dockerfile is what it says, and what it copies is enough: the app runs from it, where it cannot write."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
import tomllib
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.health import HEALTH, health_url
from tests.browser.app import running_server
from tests.test_package import requirements

ROOT = Path(__file__).resolve().parents[2]
NO_RIGHTS = ("setpriv", "--bounding-set", "-dac_override")  # then even root writes only what its files allow


def instructions() -> list[tuple[str, str]]:
    """The lines of the Dockerfile, each as its word and what follows."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def said(word: str) -> list[str]:
    return [rest for one, rest in instructions() if one == word]


def copies() -> Iterator[tuple[str, str]]:
    """What is copied, and to where."""
    for rest in said("COPY"):
        *sources, to = shlex.split(rest)
        for source in sources:
            yield source, f"{to}{Path(source).name}" if to.endswith("/") else to


def test_what_runs_is_no_root_and_its_version_is_told() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    labels = dict(re.findall(r'([\w.]+)="([^"]*)"', " ".join(said("LABEL"))))
    assert labels["org.opencontainers.image.version"] == project["version"]
    assert labels["org.opencontainers.image.licenses"] == project["license"]
    (user,) = said("USER")
    assert all(int(one) > 0 for one in user.split(":"))
    words = [word for word, _ in instructions()]
    assert words.index("USER") < words.index("CMD")
    assert "RUN" not in words[words.index("USER") :]


def test_it_installs_what_the_app_pins() -> None:
    installed = [rest for rest in said("RUN") if "pip install" in rest]
    assert any(f"torch{requirements('requirements.txt')['torch'].specifier}" in one for one in installed)
    assert any("-r requirements.txt" in one for one in installed)
    assert said("FROM")[0].startswith("python:3.11-slim")


def test_its_health_is_asked_for_where_the_app_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    (check,) = said("HEALTHCHECK")
    program, script = json.loads(check.partition("CMD")[2])
    assert (program, script) in {("python", source) for source, _ in copies()}
    (command,) = (json.loads(rest) for rest in said("CMD"))
    (port,) = said("EXPOSE")
    assert f"--server.port={port}" in command
    assert health_url() == f"http://127.0.0.1:{port}/{HEALTH}"
    monkeypatch.setenv("STREAMLIT_SERVER_BASE_URL_PATH", "/glass/")
    assert health_url() == f"http://127.0.0.1:{port}/glass/{HEALTH}"


def test_all_that_is_copied_is_there_and_let_into_the_build() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = [line[1:] for line in lines if line.startswith("!")]
    assert lines[1] == "*"  # nothing, but for these
    sources = [source for source, _ in copies()]
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert sorted(set(sources)) == sorted(let_in)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="a container of Linux")
def test_the_app_runs_from_what_is_copied_where_it_can_write_nothing(tmp_path: Path) -> None:
    app, home = tmp_path / "app", tmp_path / "tmp"
    home.mkdir()
    skipped = shutil.ignore_patterns("__pycache__")
    for source, to in copies():
        (app / to).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, app / to, ignore=skipped)
        else:
            shutil.copy(ROOT / source, app / to)
    before = {path: path.stat().st_mtime_ns for path in app.rglob("*")}
    for path in (app, *before):
        path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    settings = {"HOME": str(home), "TMPDIR": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    denied = subprocess.run([*(NO_RIGHTS if os.geteuid() == 0 else ()), "touch", str(app / "new")], check=False)
    assert denied.returncode != 0
    with running_server(
        tmp_path, folder_of_app=app, through=NO_RIGHTS if os.geteuid() == 0 else (), **settings
    ) as server:
        with urllib.request.urlopen(server.url, timeout=60) as page:
            assert page.status == 200
        environment = {**os.environ, "STREAMLIT_SERVER_PORT": server.url.rpartition(":")[2]}
        health = [sys.executable, str(app / "deploy" / "health.py")]
        assert subprocess.run(health, env=environment, check=False).returncode == 0
        assert server.errors() == []
    assert subprocess.run(health, env=environment, capture_output=True, check=False).returncode != 0
    assert {path: path.stat().st_mtime_ns for path in app.rglob("*")} == before


def test_a_pattern_of_the_ignored_matches_no_needed_file() -> None:
    patterns = [
        line.removeprefix("**/")
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith(("#", "!", "*\n")) and line != "*"
    ]
    assert patterns
    names = [path.name for path in (ROOT / "assets").rglob("*")]
    assert [name for name in names for pattern in patterns if fnmatch.fnmatch(name, pattern)] == []
