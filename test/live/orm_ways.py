"""What Nautobot's ORM writes into guarded tables: what breaks a rule, and what is sound.

    orm_ways.py VERSION

needs no Redis and no server of Nautobot's. ways.py adds the other ways in to the tables of
ways below, and tries all of them.
"""

import multiprocessing
import re
import sys
import uuid

import live_nautobot  # noqa: F401 sets Nautobot up
from django import db
from django.core.exceptions import ValidationError
from nautobot.dcim.models import Cable, PowerFeed, PowerPanel, PowerPort
from nautobot.extras.management import populate_role_choices, populate_status_choices
from nautobot.extras.models import Status

VERSION = sys.argv[1]

failed = 0
report = []


def check(ok, what):
    global failed
    failed += not ok
    print("ok -" if ok else "not ok -", f"{VERSION}: {what}", flush=True)
    return ok


# --- What there is ---

# Nautobot's migrations make them; tables that were made from its models have none yet.
if not Status.objects.exists():
    populate_status_choices(verbosity=0)
    populate_role_choices(verbosity=0)

import fill  # noqa: E402 which takes them

active = Status.objects.get_for_model(PowerFeed).get(name="Active")
connected = Status.objects.get_for_model(Cable).get(name="Connected")

# N has 12 positions: a 3-pole breaker at 1, 3, 5, one at 2 that feeds Z, and "victim" at 12, which is there to be edited.
N = fill.panel("N", fill.er, "panelboard", 12)
Z = fill.panel("Z", fill.er, "panelboard", 12)
fill.feed("first", "N", at=1, poles=3)
down = fill.feed("down", "N", "Z", at=2, poles=1)
victim = fill.feed("victim", "N", at=12, poles=1)
cabled = PowerFeed.objects.get(name="A01-A", power_panel=fill.panels["RPP-A1"])

spare = fill.dev("spare", fill.srv_type, fill.racks[0])


def new_port():
    return fill.save(PowerPort(device=spare, name=str(uuid.uuid4())[:8]))


# --- The ways in. Each gives (refused, by whom, status, text). ---


def by_orm(write):
    try:
        with db.transaction.atomic():
            write()
    except ValidationError as error:
        return True, "Nautobot", "ValidationError", "; ".join(error.messages)
    except db.Error as error:
        rule = error.__cause__.diag.constraint_name
        return True, "guard" if rule.startswith("power_") else "Nautobot", f"{type(error).__name__} ({rule})", str(error)
    return False, "", "", ""


def columns(fields):
    return {{"power_panel": "power_panel_id", "destination_panel": "destination_panel_id"}.get(k, k): v for k, v in fields.items()}


def instance(fields):
    # what an object is made of is named by keys in all other ways
    return PowerFeed(**columns({k: v for k, v in fields.items() if k != "status"}), status=active)


def changed(thing, **fields):
    """The object as it is in the database, but for these."""
    thing = type(thing).objects.get(pk=thing.pk)
    for column, value in fields.items():
        setattr(thing, column, value)
    return thing


def rows(thing):
    return type(thing).objects.filter(pk=thing.pk)


def cable_of(feed, port):
    return Cable(termination_a=feed, termination_b=port, status=connected)


CREATE = {
    "ORM save()": lambda f: by_orm(lambda: instance(f).save()),
    "ORM validated_save()": lambda f: by_orm(lambda: instance(f).validated_save()),
    "bulk_create()": lambda f: by_orm(lambda: PowerFeed.objects.bulk_create([instance(f)])),
}
EDIT = {
    "ORM save()": lambda f: by_orm(lambda: changed(victim, **columns(f)).save()),
    "ORM validated_save()": lambda f: by_orm(lambda: changed(victim, **columns(f)).validated_save()),
    "queryset.update()": lambda f: by_orm(lambda: rows(victim).update(**columns(f))),
    "bulk_update()": lambda f: by_orm(lambda: PowerFeed.objects.bulk_update([changed(victim, **columns(f))], list(columns(f)))),
}
PANEL = {
    "ORM save()": lambda n: by_orm(lambda: changed(N, breaker_position_count=n).save()),
    "ORM validated_save()": lambda n: by_orm(lambda: changed(N, breaker_position_count=n).validated_save()),
    "queryset.update()": lambda n: by_orm(lambda: rows(N).update(breaker_position_count=n)),
}
CABLE = {
    "ORM save()": lambda feed, port: by_orm(lambda: cable_of(feed, port).save()),
    "ORM validated_save()": lambda feed, port: by_orm(lambda: cable_of(feed, port).validated_save()),
}
DESTINATION = {
    "ORM save()": lambda feed, panel: by_orm(lambda: changed(feed, destination_panel=panel).save()),
    "ORM validated_save()": lambda feed, panel: by_orm(lambda: changed(feed, destination_panel=panel).validated_save()),
    "queryset.update()": lambda feed, panel: by_orm(lambda: rows(feed).update(destination_panel=panel)),
}


BY_ORM = {way for ways in (CREATE, EDIT, PANEL, CABLE, DESTINATION) for way in ways}


def tell(way, rule, outcome):
    refused, who, status, text = outcome
    report.append((way, rule, who, status, re.sub(r"\s+", " ", text).strip()[:600]))
    return refused


def is_refused(what, way, rule, outcome):
    """Was it? Through the ORM it is by the guard, with the rule as the constraint, unless Nautobot has validated before."""
    refused = tell(f"{what}: {way}", rule, outcome)
    if way not in BY_ORM or outcome[2] == f"IntegrityError ({rule})":
        return refused
    # save() looks by itself whether a feed has both a destination and a cable
    validates = way == "ORM validated_save()" or (way == "ORM save()" and rule == "power_feed_destination_or_cable")
    return validates and outcome[2] == "ValidationError"


# --- What breaks a rule ---

# power_feed_breaker_bus is the ninth: all panels of Nautobot have three phases, so who breaks it breaks
# power_feed_breaker_pole_count first.
BAD = {
    "power_feed_breaker_conflict": {"power_panel": N.pk, "breaker_position": 5, "breaker_pole_count": 2},
    "power_feed_breaker_capacity": {"power_panel": N.pk, "breaker_position": 11, "breaker_pole_count": 2},
    "power_feed_breaker_position": {"power_panel": fill.panels["UTIL"].pk, "breaker_position": 1001, "breaker_pole_count": 1},
    "power_feed_breaker_pole_count": {"power_panel": Z.pk, "breaker_position": 1, "breaker_pole_count": 4},
    "power_feed_destination_self": {"power_panel": N.pk, "destination_panel": N.pk},
    "power_feed_cycle": {"power_panel": Z.pk, "destination_panel": N.pk},
}
BAD_PANELS = {"power_feed_breaker_capacity": 4, "power_panel_circuit_positions": 0}


def plain(fields):
    return {k: str(v) if isinstance(v, uuid.UUID) else v for k, v in fields.items()}


def state():
    return list(PowerFeed.objects.order_by("pk").values_list("pk", "name", "power_panel", "destination_panel", "breaker_position", "breaker_pole_count"))


def try_bad_feeds():
    before = state()
    for rule, fields in BAD.items():
        for way, create in CREATE.items():
            refused = is_refused("create", way, rule, create(plain({"name": "bad", "status": active.pk, **fields})))
            check(refused and state() == before, f"create by {way} is refused by {report[-1][2]}: {rule}")
        for way, edit in EDIT.items():
            refused = is_refused("edit", way, rule, edit(plain(fields)))
            check(refused and state() == before, f"edit by {way} is refused by {report[-1][2]}: {rule}")


def try_bad_panels():
    for rule, count in BAD_PANELS.items():
        for way, write in PANEL.items():
            refused = is_refused("panel", way, rule, write(count))
            N.refresh_from_db()
            check(refused and N.breaker_position_count == 12, f"panel by {way} is refused by {report[-1][2]}: {rule}")


def try_bad_cables():
    rule = "power_feed_destination_or_cable"
    port = new_port()
    before = Cable.objects.count()
    for way, write in CABLE.items():
        refused = is_refused("cable", way, rule, write(down, port))
        check(refused and Cable.objects.count() == before, f"cable by {way} is refused by {report[-1][2]}: {rule}")
    for way, write in DESTINATION.items():
        refused = is_refused("destination", way, rule, write(cabled, Z))
        cabled.refresh_from_db()
        check(refused and cabled.destination_panel is None, f"destination by {way} is refused by {report[-1][2]}: {rule}")


# --- What is sound ---


def try_sound():
    for i, (way, create) in enumerate(CREATE.items()):
        name = f"sound {i}"
        refused, _, status, text = create(plain({"name": name, "status": active.pk, "power_panel": Z.pk, "breaker_position": i + 1, "breaker_pole_count": 1}))
        check(not refused and PowerFeed.objects.filter(name=name).exists(), f"create by {way} is let in {status} {text[:300] if refused else ''}")
    for i, (way, edit) in enumerate(EDIT.items()):
        refused, _, status, text = edit(plain({"breaker_position": 11 - i % 2, "breaker_pole_count": 1, "comments": way}))
        check(not refused and PowerFeed.objects.get(pk=victim.pk).comments == way, f"edit by {way} is let in {status} {text[:300] if refused else ''}")


def try_sound_changes():
    """A feed that is cabled, and then led to a panel; a panel that shrinks to what it holds, and grows."""
    feed, port = fill.feed("in turns", "N"), new_port()
    for way, write in CABLE.items():
        # before 3.2 an object remembers its cable, also when that is gone
        refused, _, status, text = write(changed(feed), changed(port))
        check(not refused and rows(feed).get().cable, f"cable by {way} is let in {status} {text[:300] if refused else ''}")
        rows(feed).get().cable.delete()
    for way, write in DESTINATION.items():
        refused, _, status, text = write(feed, fill.panels["LP-2"])
        check(not refused and rows(feed).get().destination_panel, f"destination by {way} is let in {status} {text[:300] if refused else ''}")
        rows(feed).update(destination_panel=None)
    for way, write in PANEL.items():
        for count in (11, 12):
            refused, _, status, text = write(count)
            check(not refused and rows(N).get().breaker_position_count == count, f"panel of {count} by {way} is let in {status} {text[:300] if refused else ''}")
    PowerFeed.objects.filter(name__startswith="sound ").delete()
    changed(feed).delete()


# --- Two processes at once ---


def second_process(write, go, outcome):
    # not for ever, where the first is ended
    if go.wait(60):
        outcome.send(by_orm(write)[2])


def at_once(what, rule, first, second, undo):
    """The first writes, and then the second, which has to wait until the first commits, or takes it back."""
    fork = multiprocessing.get_context("fork")
    for commits in (True, False):
        db.connections.close_all()
        go, (here, there) = fork.Event(), fork.Pipe(duplex=False)
        other = fork.Process(target=second_process, args=(second, go, there), daemon=True)
        other.start()
        waited = False
        with db.transaction.atomic():
            first()
            go.set()
            # until it waits for a lock, or is through
            while not waited and not here.poll(0.05):
                with db.connection.cursor() as cursor:
                    cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
                    (waited,) = cursor.fetchone()
            db.transaction.set_rollback(not commits)
        status = here.recv()
        other.join()
        check(waited and status == (f"IntegrityError ({rule})" if commits else ""),
              f"{what}, by two processes at once: the second waits, and is {'refused' if commits else 'let in, since the first took it back'} {status}")
        undo()


def try_two_processes():
    big = fill.panel("big", fill.er, "panelboard", 100)

    def create(name, at):
        PowerFeed.objects.bulk_create([instance({"name": name, "power_panel": big.pk, "breaker_position": at, "breaker_pole_count": 3})])

    at_once("bulk_create() of breakers that overlap", "power_feed_breaker_conflict", lambda: create("a", 1), lambda: create("b", 3),
            lambda: PowerFeed.objects.filter(power_panel=big).delete())
    # Before 3.2 a cable is a column of the feed, and there save() puts back the other columns as it had read them.
    if any(field.name == "cable" for field in PowerFeed._meta.concrete_fields):
        return
    lone, port = fill.feed("contested", "Z"), new_port()

    def cable():
        cable_of(rows(lone).get(), PowerPort.objects.get(pk=port.pk)).save()

    def lead():
        rows(lone).update(destination_panel=fill.panels["LP-2"])

    def undo():
        rows(lone).update(destination_panel=None)
        for made in Cable.objects.filter(pk=getattr(rows(lone).get().cable, "pk", None)):
            made.delete()

    at_once("a cable, then a destination", "power_feed_destination_or_cable", cable, lead, undo)
    at_once("a destination, then a cable", "power_feed_destination_or_cable", lead, cable, undo)


def refusals():
    """Who refused how many."""
    return (f"# {VERSION}: {sum(1 for r in report if r[2] == 'guard')} refusals by the guard, "
            f"{sum(1 for r in report if r[2] == 'Nautobot')} by Nautobot's own validation")


if __name__ == "__main__":
    try_bad_feeds()
    try_bad_panels()
    try_bad_cables()
    try_sound()
    try_sound_changes()
    try_two_processes()
    print(refusals())
    sys.exit(failed > 0)
