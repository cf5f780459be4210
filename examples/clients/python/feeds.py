#!/usr/bin/env python3
"""How an application in Python works with powerpanel, by psycopg 3.

Copy from the upper part what you need. The lower part shows it at work, in a
database that has the extension, and leaves nothing behind:

    PGDATABASE=mydb python3 feeds.py

In psycopg2 the same things are at the same places: error.pgcode,
error.diag.constraint_name, error.diag.message_detail, error.diag.message_hint.
"""

import random
import threading
import time

import psycopg
from psycopg import errors
from psycopg.rows import dict_row


def connect():
    """Where to comes from the environment: PGHOST, PGDATABASE, PGUSER, ...

    With autocommit, "with connection.transaction()" alone says where a
    transaction begins and ends.
    """
    return psycopg.connect(
        autocommit=True,
        row_factory=dict_row,
        client_encoding="UTF8",
        options="-c search_path=powerpanel,public",
    )


def in_transaction(connection, work, attempts=5):
    """Runs work(connection) in a transaction, which is tried again from its
    start where PostgreSQL ended it so that another one could go on.

    So work does nothing but write to the database: no mail is sent from there.
    """
    for attempt in range(1, attempts + 1):
        try:
            with connection.transaction():
                return work(connection)
        except (errors.SerializationFailure, errors.DeadlockDetected):
            if attempt == attempts:
                raise
            time.sleep(random.uniform(0, 0.02 * 2**attempt))


# The field of the form beside which an error belongs. What is not listed here
# belongs to the form as a whole.
FIELD = {
    "power_feed_name": "name",
    "power_feed_power_panel_id_name_key": "name",
    "power_feed_voltage": "voltage",
    "power_feed_amperage": "amperage",
    "power_feed_breaker_position": "breaker_position",
    "power_feed_breaker_capacity": "breaker_position",
    "power_feed_breaker_conflict": "breaker_position",
    "power_feed_breaker_pole_count": "breaker_pole_count",
    "power_feed_breaker_bus": "breaker_pole_count",
    "power_feed_cycle": "destination_panel_id",
    "power_feed_destination_self": "destination_panel_id",
}

# Unique constraints are PostgreSQL's own and have no description.
TEXT = {"power_feed_power_panel_id_name_key": "This panel has a feed of that name already"}


def load_rules(connection):
    """Every rule and its description. Once for each process is enough."""
    rows = connection.execute("SELECT name, description FROM rule").fetchall()
    return {row["name"]: row["description"] for row in rows}


def form_error(error, rules):
    """What the form tells of a refused write; error is an IntegrityError.

    Where there is a hint, the detail tells of circuits and panels by their names.
    Without one it is PostgreSQL's, of keys and whole rows: for a log, not a form.
    """
    rule = error.diag.constraint_name
    hint = error.diag.message_hint
    return {
        "rule": rule,
        "field": FIELD.get(rule, "form"),
        "text": TEXT.get(rule) or rules.get(rule) or error.diag.message_primary,
        "detail": error.diag.message_detail if hint else None,
        "hint": hint,
    }


def add_feed(connection, panel, **values):
    """Adds a feed; the columns that are not given have their defaults.

    The names of columns are the application's own, never the user's.
    """
    values = {"power_panel_id": panel, "status": "active", **values}
    statement = psycopg.sql.SQL(
        "INSERT INTO power_feed ({}) VALUES ({})"
        " RETURNING id, name, occupied_positions, occupied_positions::int[] AS positions, phase_designation"
    ).format(
        psycopg.sql.SQL(", ").join(map(psycopg.sql.Identifier, values)),
        psycopg.sql.SQL(", ").join(map(psycopg.sql.Placeholder, values)),
    )
    return connection.execute(statement, values).fetchone()


def move_breakers(connection, positions):
    """Gives feeds new positions, {feed: position}, one after the other.

    On the way two of them may have one place; the rules are checked at the end,
    so that an error comes from the end of the transaction.
    """

    def work(connection):
        connection.execute("SET CONSTRAINTS ALL DEFERRED")
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE power_feed SET breaker_position = %s WHERE id = %s",
                [(position, feed) for feed, position in positions.items()],
            )

    in_transaction(connection, work)


def load_feeds(connection, rows):
    """Bulk load: all rows or, where one of them breaks a rule, none."""

    def work(connection):
        with connection.cursor() as cursor:
            with cursor.copy(
                "COPY power_feed (power_panel_id, name, status, breaker_position, breaker_pole_count) FROM STDIN"
            ) as copy:
                for row in rows:
                    copy.write_row(row)
            return cursor.rowcount

    return in_transaction(connection, work)


def feeds_at(connection, panel, positions):
    """The feeds that have one of these positions: a list of int becomes a
    position_set by a cast, and a position_set becomes a list by ::int[]."""
    return connection.execute(
        "SELECT name, occupied_positions FROM power_feed"
        " WHERE power_panel_id = %s AND occupied_positions && %s::int[]::position_set ORDER BY name",
        (panel, list(positions)),
    ).fetchall()


# ------------------------------------------------------------------ at work


def refused(rules, write, *arguments, **values):
    try:
        write(*arguments, **values)
    except psycopg.IntegrityError as error:
        told = form_error(error, rules)
        print(f"refused, {error.sqlstate} {told['rule']}")
        print(f"  {told['field']}: {told['text']}")
        if told["hint"]:
            print(f"  {told['detail']}")
            print(f"  {told['hint']}")
    else:
        raise SystemExit("this write should have been refused")


def two_writers(panels):
    """Two sessions fill two panels in opposite order, each with the other's
    next panel locked: a deadlock, of which PostgreSQL ends one."""
    both_began = threading.Barrier(2)
    attempts = []

    def writer(name, position, first, second):
        tries = 0

        def work(connection):
            nonlocal tries
            tries += 1
            attempts.append(name)
            add_feed(connection, first, name=f"{name} 1", breaker_position=position)
            if tries == 1:
                both_began.wait(timeout=60)
            add_feed(connection, second, name=f"{name} 2", breaker_position=position)

        with connect() as connection:
            in_transaction(connection, work)

    threads = [
        threading.Thread(target=writer, args=("left", 41, *panels)),
        threading.Thread(target=writer, args=("right", 42, *reversed(panels))),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(attempts)


def concurrent_edit(connection, feed):
    """Somebody else saves a feed between our reading and our writing it."""
    tries = 0

    def work(connection):
        nonlocal tries
        tries += 1
        connection.execute("SELECT amperage FROM power_feed WHERE id = %s", (feed,))
        if tries == 1:
            with connect() as other:
                other.execute("UPDATE power_feed SET amperage = 30 WHERE id = %s", (feed,))
        connection.execute("UPDATE power_feed SET amperage = amperage + 10 WHERE id = %s", (feed,))

    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    in_transaction(connection, work)
    connection.isolation_level = None
    return tries


def show(connection):
    rules = load_rules(connection)
    place = connection.execute(
        "INSERT INTO location (name) VALUES ('Workshop of the examples') RETURNING id"
    ).fetchone()["id"]
    try:
        main, sub = (
            connection.execute(
                "INSERT INTO power_panel (name, location_id, circuit_positions) VALUES (%s, %s, 42) RETURNING id",
                (name, place),
            ).fetchone()["id"]
            for name in ("Main", "Sub")
        )

        print("-- a feed, and what follows from it")
        pump = add_feed(connection, main, name="Pump", breaker_position=1, breaker_pole_count=3, phase="three-phase")
        print(f"{pump['name']}: {pump['occupied_positions']} = {pump['positions']}, {pump['phase_designation']}")
        for feed in feeds_at(connection, main, range(4, 7)):
            print(f"at 4 to 6: {feed['name']} ({feed['occupied_positions']})")

        print("-- what a form shows when a rule refuses")
        refused(rules, add_feed, connection, main, name="Fan", breaker_position=5, breaker_pole_count=2)
        refused(rules, add_feed, connection, main, name="Fan", voltage=0)
        refused(rules, add_feed, connection, main, name="Pump")
        add_feed(connection, main, name="To Sub", destination_panel_id=sub)
        refused(rules, add_feed, connection, sub, name="Tie", destination_panel_id=main)

        print("-- two breakers change places")
        fan = add_feed(connection, main, name="Fan", breaker_position=7, breaker_pole_count=3)
        move_breakers(connection, {pump["id"]: 7, fan["id"]: 1})
        for feed in feeds_at(connection, main, [1, 7]):
            print(f"{feed['name']}: {feed['occupied_positions']}")
        refused(rules, move_breakers, connection, {pump["id"]: 8, fan["id"]: 10})

        print("-- a bulk load")
        rows = [(sub, f"Circuit {n}", "active", n, 1) for n in range(1, 41)]
        print(f"{load_feeds(connection, rows)} feeds loaded")
        refused(rules, load_feeds, connection, [(main, "Heater", "active", 20, 2), (main, "Door", "active", 22, 1)])

        print("-- other sessions")
        print(f"saved while we edited: done at attempt {concurrent_edit(connection, pump['id'])}")
        print(f"a deadlock: both done after {two_writers([main, sub])} attempts")

        print("-- what the network tells")
        free = connection.execute("SELECT find_breaker_position(%s, 2) AS free", (main,)).fetchone()["free"]
        print(f"the next 2-pole breaker goes to {free}")
        for change in connection.execute(
            "SELECT object_type, name, state_after FROM simulate_outage(panels => %s)"
            " WHERE object_type = 'power_panel' ORDER BY name",
            ([main],),
        ):
            print(f"without Main: {change['object_type']} {change['name']} is {change['state_after']}")
    finally:
        connection.execute("DELETE FROM power_feed USING power_panel p WHERE p.id = power_panel_id AND p.location_id = %s", (place,))
        connection.execute("DELETE FROM power_panel WHERE location_id = %s", (place,))
        connection.execute("DELETE FROM location WHERE id = %s", (place,))


if __name__ == "__main__":
    with connect() as connection:
        show(connection)
