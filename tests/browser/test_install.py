"""Where the tests' browser comes from: one that is found, else Debian's, else Playwright's, else a clear message."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests import install_browser
from tests.browser import app

NOWHERE = "/nowhere/chrome"


class Machine:
    """A machine without a browser, on which some commands put one."""

    def __init__(self, folder: Path) -> None:
        self.browser = folder / "chromium-headless-shell"
        self.ran: list[str] = []
        self.works: tuple[str, ...] = ()

    def run(self, command: Sequence[str], **_: object) -> subprocess.CompletedProcess[str]:
        text = " ".join(command)
        self.ran.append(text)
        works = any(part in text for part in self.works)
        if works and "update" not in text:
            self.browser.touch()
        return subprocess.CompletedProcess(list(command), 0 if works else 1)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine(tmp_path)
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(app, "USUAL_PLACES", ())
    monkeypatch.setattr(app, "playwrights_own", lambda: str(machine.browser))
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/apt-get" if name == "apt-get" else None)
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    monkeypatch.setattr(subprocess, "run", machine.run)
    return machine


def test_a_browser_that_is_there_is_used(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = machine.browser.with_name("mine")
    mine.touch()
    monkeypatch.setenv("CHROMIUM", str(mine))
    assert app.find_browser() == str(mine)
    install_browser.main([])
    assert machine.ran == []
    assert str(mine) in capsys.readouterr().out


def test_without_one_the_browser_tests_fail_and_say_how_to_get_one(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHROMIUM", NOWHERE)  # a path that is wrong is not believed
    with pytest.raises(FileNotFoundError, match=r"python tests/install_browser\.py"):
        app.find_browser()
    with pytest.raises(FileNotFoundError), app.running_browser():
        pass


def test_root_with_apt_gets_debians(machine: Machine) -> None:
    machine.works = ("apt-get",)
    install_browser.main([])
    assert [command.split()[:2] for command in machine.ran] == [["apt-get", "update"], ["apt-get", "install"]]
    assert {"chromium-headless-shell", "fonts-noto-cjk"} <= set(machine.ran[1].split())


def test_where_apt_fails_it_is_playwrights_own(machine: Machine) -> None:
    machine.works = ("playwright install chromium",)
    install_browser.main([])
    assert machine.ran[0] == "apt-get update"
    assert machine.ran[-1].endswith("-m playwright install chromium")


def test_who_is_not_root_gets_playwrights_own(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    machine.works = ("playwright install chromium",)
    install_browser.main([])
    assert len(machine.ran) == 1


def test_where_nothing_helps_the_message_says_what_can_be_done(machine: Machine) -> None:
    with pytest.raises(SystemExit, match="CHROMIUM"):
        install_browser.main([])


def test_help_says_what_it_does(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        install_browser.main(["--help"])
    assert "fonts-noto-cjk" in capsys.readouterr().out
    assert machine.ran == []
