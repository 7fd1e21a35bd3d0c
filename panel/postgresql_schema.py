"""What a ledger has in PostgreSQL beside its two tables: a schema, its format, its guards, and who may do what.

Statements only; it runs none.
"""

from __future__ import annotations

from typing import Final

SCHEMA: Final = "pastoral"
"""The schema of a ledger; a database holds one at most."""

FORMAT: Final = 1
"""The newest format that this program reads."""

ROLES: Final = ("reader", "writer", "eraser")
"""What somebody may be to a ledger: each is a role named after its database, such as `shire_writer`."""

LONGEST: Final = 63
"""Bytes of the longest name that PostgreSQL keeps whole."""

MARKS: Final = (
    "CREATE SCHEMA pastoral",
    "CREATE TABLE pastoral.format (number INTEGER NOT NULL)",
    "INSERT INTO pastoral.format VALUES (1)",
)
"""What makes a schema a ledger's, of that format."""

REFUSE: Final = """
CREATE FUNCTION pastoral.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'integrity_constraint_violation';
END $$"""

FOLLOW: Final = """
CREATE FUNCTION pastoral.follow_the_last() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  last record;
BEGIN
  SELECT seq, digest INTO last FROM pastoral.entry ORDER BY seq DESC LIMIT 1;
  IF NEW.seq IS DISTINCT FROM coalesce(last.seq, 0) + 1 OR NEW.previous IS DISTINCT FROM coalesce(last.digest, repeat('0', 64)) THEN
    RAISE EXCEPTION USING MESSAGE = 'an entry follows the last one and names its digest', ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$"""

FOLLOWS: Final = """
CREATE TRIGGER entry_follows_the_last BEFORE INSERT ON pastoral.entry FOR EACH ROW EXECUTE FUNCTION pastoral.follow_the_last()"""

REFUSED: Final = (
    ("entry_is_never_changed", "UPDATE ON pastoral.entry FOR EACH ROW", "an entry is never changed"),
    ("entry_is_never_deleted", "DELETE ON pastoral.entry FOR EACH ROW", "an entry is never deleted"),
    ("entry_is_never_emptied", "TRUNCATE ON pastoral.entry FOR EACH STATEMENT", "an entry is never deleted"),
    ("sealed_is_never_changed", "UPDATE ON pastoral.sealed FOR EACH ROW", "a sealed part is never changed"),
    ("sealed_is_never_emptied", "TRUNCATE ON pastoral.sealed FOR EACH STATEMENT", "sealed parts are deleted one by one"),
)
"""(trigger, what it stands before, what it says)"""


def guards() -> tuple[str, ...]:
    """The triggers. ALWAYS: they fire also where a replication would pass others over."""
    refusals = (f"CREATE TRIGGER {name} BEFORE {what} EXECUTE FUNCTION pastoral.refuse('{said}')" for name, what, said in REFUSED)
    names = ("entry_follows_the_last", *(name for name, _, _ in REFUSED))
    always = (f"ALTER TABLE pastoral.{name.partition('_')[0]} ENABLE ALWAYS TRIGGER {name}" for name in names)
    return (REFUSE, FOLLOW, FOLLOWS, *refusals, *always)


def roles_of(database: str) -> dict[str, str]:
    """What somebody may be -> the role's name."""
    return {what: f"{database}_{what}" for what in ROLES}


def quoted(name: str) -> str:
    """A name as it stands in a statement."""
    return '"' + name.replace('"', '""') + '"'


def grants(database: str) -> tuple[str, ...]:
    """Who may do what: all read; writers and erasers insert; erasers alone delete, and nothing but sealed parts.

    Whoever founds a ledger owns its tables, and gives up all that goes beyond a writer; `UPDATE (seq)`, which a trigger
    refuses anyhow, stays, because PostgreSQL checks in the owner's name that a sealed part has its entry.
    """
    roles = {what: quoted(name) for what, name in roles_of(database).items()}
    everyone, writers = ", ".join(roles.values()), f"{roles['writer']}, {roles['eraser']}"
    both = "pastoral.entry, pastoral.sealed"
    return (
        f"REVOKE ALL ON {both} FROM PUBLIC, CURRENT_USER",
        f"GRANT SELECT, INSERT ON {both} TO CURRENT_USER",
        "GRANT UPDATE (seq) ON pastoral.entry TO CURRENT_USER",
        f"GRANT USAGE ON SCHEMA pastoral TO {everyone}",
        f"GRANT SELECT ON {both}, pastoral.format TO {everyone}",
        f"GRANT INSERT ON {both} TO {writers}",
        f"GRANT DELETE ON pastoral.sealed TO {roles['eraser']}",
    )
