"""The address of a ledger: taken apart, refused where it is another's, and never told with its password."""

from __future__ import annotations

import subprocess
import sys
from typing import Final
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.errors import LedgerError
from panel.record.addresses import address_of, shown
from panel.record.ledger import Ledger
from tests.running import CHECKOUT, pastoral

SECRET: Final = "sesame"


@pytest.mark.parametrize(
    ("url", "settings"),
    [
        ("postgresql://db.example/shire", {"host": "db.example", "dbname": "shire"}),
        (
            "postgresql+psycopg://amy:sesame@db.example:5433/shire",
            {"user": "amy", "password": "sesame", "host": "db.example", "port": "5433", "dbname": "shire"},
        ),
        ("postgresql+psycopg://amy@/shire?host=/run/pg", {"user": "amy", "dbname": "shire", "host": "/run/pg"}),
        ("postgresql:///shire", {"dbname": "shire"}),
        ("postgresql://[::1]:5433/shire", {"host": "::1", "port": "5433", "dbname": "shire"}),
        (
            "postgresql://a%40b:p%2F%3F%23%40%3A%25@h/my%20panel?sslmode=verify-full&sslrootcert=/etc/ca.pem",
            {
                "user": "a@b",
                "password": "p/?#@:%",
                "host": "h",
                "dbname": "my panel",
                "sslmode": "verify-full",
                "sslrootcert": "/etc/ca.pem",
            },
        ),
    ],
)
def test_an_address_is_taken_apart(url: str, settings: dict[str, str]) -> None:
    assert address_of(url).settings == settings


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://clerk:qzxqzy@host",
        "postgresql://clerk:qzxqzy@host/",
        "postgresql://clerk:qzx@qzy@host/panel",
        "postgresql://clerk:qzx/qzy@host/panel",
        "postgresql://clerk:qzx?qzy@host/panel",
        "postgresql://clerk:qzx#qzy@host/panel",
        "postgresql://clerk:qzx:qzy@host/panel",
        "postgresql://clerk:12/qzxqzy@host/panel",
        "postgresql://clerk:12/a?qzxqzy@host/panel",
        "postgresql://clerk:qzxqzy@host/panel?",
        "postgresql://clerk:qzxqzy@host/panel?qzxqzy",
        "postgresql://clerk:qzxqzy@host:port/panel",
        "postgresql://clerk:qzxqzy@one,two/panel",
        "postgresql://clerk:qzxqzy@host/panel?options=-cqzxqzy",
        "postgresql://clerk:qzxqzy@host/panel?qzxqzy=1",
        "postgresql://clerk:qzxqzy%00@host/panel",
        "postgresql:clerk:qzxqzy@host/panel",
        "clerk:qzxqzy@host/panel",
    ],
)
def test_what_cannot_be_read_is_refused_without_a_word_of_it(url: str) -> None:
    said = pastoral("position", "--ledger", url, "--debug")
    assert said.code == 4
    assert "the ledger's address: found" in said.err
    assert "qz" not in said.out + said.err


@given(st.text(min_size=1, max_size=20))
def test_whatever_the_password_it_is_not_shown(noise: str) -> None:
    """A mark in the middle of any text, written as it is: read or refused, no message and no shown address has it."""
    url = f"postgresql+psycopg://clerk:{noise}xMARKx{noise}@host/panel"
    assert "xMARKx" not in shown(url)
    if any(letter in noise for letter in ":/?#@[]") or "\0" in unquote(noise):
        with pytest.raises(LedgerError) as refused:
            address_of(url)
        assert "xMARKx" not in refused.value.message
    else:
        address = address_of(url)
        assert "xMARKx" in address.settings["password"]
        assert "xMARKx" not in f"{address.place} {address!r}"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("sqlite:///pastoral.db", "sqlite:///pastoral.db"),
        ("postgresql://amy@host/shire", "postgresql://amy@host/shire"),
        ("postgresql://amy:sesame@host/shire?sslmode=require", "postgresql://amy:***@host/shire?sslmode=require"),
        ("postgresql://amy@host/shire?password=sesame&sslmode=require", "postgresql://amy@host/shire?password=***&sslmode=require"),
        ("postgresql://amy:ses@ame@host/shire", "postgresql+psycopg://USER@HOST/DATABASE"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, told: str) -> None:
    assert shown(url) == told


def test_a_server_that_is_not_there_is_told_without_the_password() -> None:
    said = pastoral("position", "--ledger", f"postgresql://clerk:{SECRET}@127.0.0.1:1/panel", "--debug")
    assert said.code == 4
    assert "the ledger in panel on 127.0.0.1 cannot be reached: " in said.err
    assert "Connection refused" in said.err
    assert SECRET not in said.out + said.err
    plain = pastoral("position", "--ledger", f"postgresql://clerk:{SECRET}@127.0.0.1:1/panel")
    assert plain.err.count("\n") == 1


@pytest.mark.parametrize("driver", ["+psycopg2", "+asyncpg"])
def test_another_driver_is_refused(driver: str) -> None:
    with pytest.raises(LedgerError, match=rf"found one of postgresql\{driver}; wanted sqlite:///FILE or postgresql\+psycopg://") as refused:
        Ledger.open(f"postgresql{driver}://clerk:{SECRET}@host/panel")
    assert SECRET not in refused.value.message


def test_without_psycopg_a_sentence_says_what_to_install() -> None:
    """In a process of its own in which the library cannot be imported; a ledger in a file does not miss it."""
    done = subprocess.run(
        [
            sys.executable, "-c",
            """import sys; sys.modules['psycopg'] = None; import cli
from panel.record.chain import Draft; from panel.record.ledger import Ledger
Ledger.found('sqlite://', [Draft('noted', {})], actor='x', now='2026-11-10T12:00:00.000000Z', salts=iter(())).close()
sys.argv = ['pastoral', 'position', '--ledger', 'postgresql://clerk:sesame@host/panel']; cli.main()""",
        ],
        capture_output=True, text=True, check=False, cwd=CHECKOUT,
    )  # fmt: skip
    assert done.returncode == 4
    assert done.stderr == "a ledger on PostgreSQL needs psycopg, which is not installed: pip install 'pastoral[postgresql]'\n"


def test_a_ledger_in_a_file_does_not_wait_for_psycopg() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import sys, panel.steps.office; print({'psycopg', 'panel.record.postgresql'} & set(sys.modules))"],
        capture_output=True, text=True, check=True, cwd=CHECKOUT,
    )  # fmt: skip
    assert told.stdout == "set()\n"
