"""What a ledger has in PostgreSQL beside its tables: a schema, its format, its guards, and who may do what.

Statements only; it runs none.
"""

from __future__ import annotations

from typing import Final

SCHEMA: Final = "pastoral"
"""The schema of a ledger; a database holds one at most."""

FORMAT: Final = 2
"""The newest format that this program reads."""

ROLES: Final = ("reader", "writer", "eraser", "keeper")
"""What somebody may be to a ledger: each is a role named after its database, such as `shire_writer`."""

LONGEST: Final = 63
"""Bytes of the longest name that PostgreSQL keeps whole."""

MARKS: Final = (
    "CREATE SCHEMA pastoral",
    "CREATE TABLE pastoral.format (number INTEGER NOT NULL)",
    f"INSERT INTO pastoral.format VALUES ({FORMAT})",  # noqa: S608 - a number of our own
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

REWRAP: Final = """
CREATE FUNCTION pastoral.only_rewrap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.subject, NEW.class, NEW.generation) IS DISTINCT FROM (OLD.subject, OLD.class, OLD.generation + 1) THEN
    RAISE EXCEPTION USING MESSAGE = 'a key is only ever wrapped anew, under the next generation',
      ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$"""

KEEP: Final = """
CREATE FUNCTION pastoral.keep_while_needed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.subject = 'panel' OR EXISTS (SELECT 1 FROM pastoral.sealed WHERE subject = OLD.subject AND class = OLD.class) THEN
    RAISE EXCEPTION USING MESSAGE = 'a key is kept as long as anything is sealed under it', ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN OLD;
END $$"""

OF_KEYS: Final = (
    """
CREATE TRIGGER wrapped_is_only_rewrapped BEFORE UPDATE ON pastoral.wrapped FOR EACH ROW EXECUTE FUNCTION pastoral.only_rewrap()""",
    """
CREATE TRIGGER wrapped_is_kept_while_needed BEFORE DELETE ON pastoral.wrapped FOR EACH ROW EXECUTE FUNCTION pastoral.keep_while_needed()""",
)

FOLLOWS: Final = """
CREATE TRIGGER entry_follows_the_last BEFORE INSERT ON pastoral.entry FOR EACH ROW EXECUTE FUNCTION pastoral.follow_the_last()"""

REFUSED: Final = (
    ("entry_is_never_changed", "UPDATE ON pastoral.entry FOR EACH ROW", "an entry is never changed"),
    ("entry_is_never_deleted", "DELETE ON pastoral.entry FOR EACH ROW", "an entry is never deleted"),
    ("entry_is_never_emptied", "TRUNCATE ON pastoral.entry FOR EACH STATEMENT", "an entry is never deleted"),
    ("sealed_is_never_changed", "UPDATE ON pastoral.sealed FOR EACH ROW", "a sealed part is never changed"),
    ("sealed_is_never_emptied", "TRUNCATE ON pastoral.sealed FOR EACH STATEMENT", "sealed parts are deleted one by one"),
    ("wrapped_is_never_emptied", "TRUNCATE ON pastoral.wrapped FOR EACH STATEMENT", "keys are deleted one by one"),
)
"""(trigger, what it stands before, what it says)"""


def guards() -> tuple[str, ...]:
    """The triggers. ALWAYS: they fire also where a replication would pass others over."""
    refusals = (f"CREATE TRIGGER {name} BEFORE {what} EXECUTE FUNCTION pastoral.refuse('{said}')" for name, what, said in REFUSED)
    names = ("entry_follows_the_last", "wrapped_is_only_rewrapped", "wrapped_is_kept_while_needed", *(name for name, _, _ in REFUSED))
    always = (f"ALTER TABLE pastoral.{name.partition('_')[0]} ENABLE ALWAYS TRIGGER {name}" for name in names)
    return (REFUSE, FOLLOW, REWRAP, KEEP, FOLLOWS, *OF_KEYS, *refusals, *always)


def roles_of(database: str) -> dict[str, str]:
    """What somebody may be -> the role's name."""
    return {what: f"{database}_{what}" for what in ROLES}


def quoted(name: str) -> str:
    """A name as it stands in a statement."""
    return '"' + name.replace('"', '""') + '"'


def grants(database: str) -> tuple[str, ...]:
    """Who may do what: all read; writers and erasers insert; erasers alone delete, and nothing but sealed parts and their keys.

    A keeper wraps the keys anew, and does nothing else.

    Whoever founds a ledger owns its tables, and gives up all that goes beyond a writer; `UPDATE (seq)`, which a trigger
    refuses anyhow, stays, because PostgreSQL checks in the owner's name that a sealed part has its entry.
    """
    roles = {what: quoted(name) for what, name in roles_of(database).items()}
    everyone, writers = ", ".join(roles.values()), f"{roles['writer']}, {roles['eraser']}"
    tables = "pastoral.entry, pastoral.sealed, pastoral.wrapped"
    return (
        f"REVOKE ALL ON {tables} FROM PUBLIC, CURRENT_USER",
        f"GRANT SELECT, INSERT ON {tables} TO CURRENT_USER",
        "GRANT UPDATE (seq) ON pastoral.entry TO CURRENT_USER",
        f"GRANT USAGE ON SCHEMA pastoral TO {everyone}",
        f"GRANT SELECT ON {tables}, pastoral.format TO {everyone}",
        f"GRANT INSERT ON {tables} TO {writers}",
        f"GRANT DELETE ON pastoral.sealed, pastoral.wrapped TO {roles['eraser']}",
        f"GRANT UPDATE (generation, box) ON pastoral.wrapped TO {roles['keeper']}",
    )
