"""The address of a ledger on PostgreSQL: taken apart, and told without its password.

It connects to nothing. Whatever cannot be read is refused without being quoted: a password may be anywhere in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

from panel.errors import LedgerError

WANTED: Final = "postgresql+psycopg://USER@HOST/DATABASE"

SETTINGS: Final = frozenset(
    {
        *("host", "port", "user", "password", "passfile", "target_session_attrs"),
        *("sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "gssencmode", "krbsrvname", "channel_binding"),
    }
)
"""What may follow the `?` of an address: libpq's own settings, of which these change nothing that a ledger relies on."""

SHAPE: Final = re.compile(
    r"""postgresql(?:\+psycopg)?://
    (?:(?P<user>[^:/?\#@\[\]]*)(?::(?P<password>[^:/?\#@\[\]]*))?@)?
    (?P<host>\[[0-9a-fA-F:.]+\]|[\w.%-]*)(?::(?P<port>\d+))?
    /(?P<dbname>[^:/?\#@\[\]]+)
    (?:\?(?P<settings>[a-z_]+=[^&?\#@]*(?:&[a-z_]+=[^&?\#@]*)*))?""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a ledger is: `settings` as libpq names them."""

    settings: dict[str, str] = field(repr=False)

    @property
    def place(self) -> str:
        """The database and its machine, for a sentence."""
        host = self.settings.get("host")
        return f"{self.settings['dbname']}{f' on {host}' if host else ''}"

    @property
    def name(self) -> str:
        """What the ledger there is called in a sentence."""
        return f"the ledger in {self.place}"


def address_of(url: str) -> Address:
    """An address taken apart. Raises `LedgerError`, without quoting it, where it has another shape than `SHAPE`."""
    found = SHAPE.fullmatch(url)
    if found is None:
        raise LedgerError(
            f"the ledger's address: found one of postgresql that cannot be read; wanted {WANTED}, "
            "with / ? # @ and : in a name or a password written as %2F %3F %23 %40 and %3A"
        )
    settings = {key: unquote(value) for key, value in found.groupdict().items() if value and key != "settings"}
    if "host" in settings:
        settings["host"] = settings["host"].strip("[]")
    for pair in filter(None, (found["settings"] or "").split("&")):
        key, _, value = pair.partition("=")
        if key not in SETTINGS:
            known = ", ".join(sorted(SETTINGS))
            raise LedgerError(f"the ledger's address: found a setting that a ledger does not have; wanted one of {known}")
        settings[key] = unquote(value)
    if any("\0" in value for value in settings.values()):
        raise LedgerError("the ledger's address: found the character %00; wanted none")
    return Address(settings)


def shown(url: str) -> str:
    """An address that can be shown to anybody: where it names a password, `***` stands in its place."""
    if not url.startswith("postgresql"):
        return url
    found = SHAPE.fullmatch(url)
    if found is None:
        return WANTED
    if found["password"] is not None:
        url = f"{url[: found.start('password')]}***{url[found.end('password') :]}"
    return re.sub(r"(?<=[?&]password=)[^&]*", "***", url)
