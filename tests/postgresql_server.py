"""A PostgreSQL of the tests' own: in a folder that goes away, on a socket in it, listening to no network.

`initdb` and `pg_ctl` are looked for on the PATH and where Debian, Ubuntu, Fedora and Homebrew put them. PostgreSQL does not
run as root, so where the tests do, the server runs as `postgres` or `nobody`.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final
from urllib.parse import quote

import psycopg

FOLDERS: Final = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin")
UNPRIVILEGED: Final = ("postgres", "nobody")
ENGLISH_SINCE: Final = 150000
OWNER: Final = "founder"
"""The role that makes databases and founds ledgers in them: no superuser, as it should be."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running PostgreSQL: the folder of its socket, its data, and the program that stops and starts it."""

    folder: Path
    programs: Path
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def new(self) -> str:
        """The name of a new empty database that the founder owns; from PostgreSQL 15 on sorted as English is, not by code points."""
        name = f"panel{next(self.numbers)}"
        with self.superuser() as connection:
            english = " LOCALE_PROVIDER icu ICU_LOCALE 'en'" if connection.info.server_version >= ENGLISH_SINCE else ""
            connection.execute(f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE template0{english}")
        return name

    def address(self, database: str, user: str = OWNER, **settings: str) -> str:
        """The address of a ledger in one of its databases."""
        more = "".join(f"&{key}={quote(value, safe='/')}" for key, value in settings.items())
        return f"postgresql+psycopg://{user}@/{database}?host={quote(str(self.folder), safe='/')}{more}"

    def emptied(self, name: str) -> str:
        """A database of that name without whatever ledger was in it, nor its keys: far quicker than a new one."""
        with self.superuser() as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
                connection.execute(f"ALTER DATABASE {self.new()} RENAME TO {name}")
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        self.do("DROP SCHEMA IF EXISTS pastoral CASCADE", database=name)
        Path(f"{name}.keys").unlink(missing_ok=True)
        return name

    def superuser(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """A connection that may do everything, one statement at a time."""
        return psycopg.connect(host=str(self.folder), dbname=database, user="admin", autocommit=True)

    def role(self, name: str, *member_of: str) -> str:
        """A person who may log in, in those roles."""
        self.do(f"CREATE ROLE {name} LOGIN", *(f'GRANT "{role}" TO {name}' for role in member_of))
        return name

    def do(self, *statements: str, database: str = "postgres") -> None:
        """What its administrator does."""
        with self.superuser(database) as connection:
            for statement in statements:
                connection.execute(statement)

    def restart(self) -> None:
        """Stop it as a power cut would, and start it again."""
        _run(self.programs / "pg_ctl", "-D", self.folder / "data", "-m", "immediate", "-w", "restart", "-l", self.folder / "log")


def programs() -> Path | None:
    """The folder with `initdb`, newest first; None where there is none that can be used."""
    found = shutil.which("initdb")
    here = [Path(found).parent] if found else []
    for pattern in FOLDERS:
        here.extend(sorted(Path("/").glob(pattern.lstrip("/")), key=_version, reverse=True))
    return next((folder for folder in here if (folder / "initdb").exists() and (folder / "pg_ctl").exists()), None)


def unprivileged() -> str | None:
    """The user to run the server as: nobody else where the tests are not root's; None where there is no such user."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    return next((name for name in UNPRIVILEGED if any(user.pw_name == name for user in pwd.getpwall())), None)


@contextmanager
def running(*, durable: bool = False) -> Iterator[Server]:
    """A server that is there inside the block. `durable`: it waits for the disk, as a real one does and most tests need not."""
    folder, where = Path(tempfile.mkdtemp(prefix="pg")), programs()
    assert where is not None
    try:
        folder.chmod(0o755)
        shutil.chown(folder, unprivileged() or os.geteuid())
        data, server = folder / "data", Server(folder, where)
        _run(where / "initdb", "-D", data, "-U", "admin", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c max_connections=40"
        options += "" if durable else " -c fsync=off"
        _run(where / "pg_ctl", "-D", data, "-o", options, "-w", "-l", folder / "log", "start")
        try:
            server.do(f"CREATE ROLE {OWNER} LOGIN CREATEDB CREATEROLE")
            yield server
        finally:
            _run(where / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(*words: object) -> None:
    user = unprivileged() if os.geteuid() == 0 else None
    done = subprocess.run(
        list(map(str, words)), user=user, group=pwd.getpwnam(user).pw_gid if user else None, extra_groups=[] if user else None,
        cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def _version(folder: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in "".join(c if c.isdigit() else " " for c in str(folder)).split())
