"""Get nginx for `benchmarks.replicas`, if there is none: `python -m benchmarks.install_nginx`."""

from __future__ import annotations

import os
import shutil
import subprocess

APT = (("apt-get", "update"), ("apt-get", "install", "--yes", "--no-install-recommends", "nginx-light"))
MISSING = "no nginx, and none could be installed: install it with your system's package manager"


def find_nginx() -> str | None:
    """Return the path of nginx; Debian's lies where only root looks."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def main() -> None:
    """Say which nginx there is; install Debian's first if there is none (as root, with apt-get).

    Raises:
        SystemExit: if none could be installed.
    """
    if find_nginx() is None and hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        for command in APT:
            print("$", *command, flush=True)
            if subprocess.run(command, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}).returncode:
                break
    if find_nginx() is None:
        raise SystemExit(MISSING)
    print(f"nginx: {find_nginx()}")


if __name__ == "__main__":
    main()
