"""What a guarded save costs through Nautobot's ORM: rounds with the guard and without it, in turns, in one run."""

import os
import statistics
import time

import live_nautobot  # noqa: F401 sets Nautobot up
import psycopg2
from django.db import connection, transaction
from nautobot.dcim.models import Cable, Device, PowerFeed, PowerPanel, PowerPort
from nautobot.extras.models import Status

ROUNDS, OF_ROUND, BULK = 8, 12, 300

owner = psycopg2.connect(host=os.environ["LIVE_SOCKETS"], user="postgres", dbname=os.environ["LIVE_DATABASE"])
owner.autocommit = True
active = Status.objects.get_for_model(PowerFeed).get(name="Active")
connected = Status.objects.get_for_model(Cable).get(name="Connected")
room = PowerPanel.objects.first().location
panels = [PowerPanel.objects.create(name=f"cost {i}", location=room, breaker_position_count=900) for i in range(OF_ROUND)]
device = Device.objects.get(name="spare")
ports = [PowerPort.objects.create(device=device, name=f"cost {i}") for i in range(OF_ROUND)]


def guarded(on):
    with owner.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM powerpanel.guarded")
        if (cursor.fetchone()[0] == 1) != on:
            cursor.execute("SELECT powerpanel.guard_nautobot()" if on else "SELECT powerpanel.unguard('dcim_powerfeed')")


def feeds(n=OF_ROUND):
    return [PowerFeed(name=f"cost {i}", power_panel=panels[i % OF_ROUND], status=active, breaker_position=1 + i // OF_ROUND * 6, breaker_pole_count=3) for i in range(n)]


def each(objects, do):
    """Seconds for each of them."""
    start = time.perf_counter()
    for one in objects:
        do(one)
    return (time.perf_counter() - start) / len(objects)


def bulk():
    start = time.perf_counter()
    PowerFeed.objects.bulk_create(feeds(BULK))
    return (time.perf_counter() - start) / BULK


def a_round():
    """Seconds for one of each: a new feed, a moved one, a cable, and one of many."""
    took = {}
    new = feeds()
    took["validated_save() of a new feed"] = each(new, lambda f: f.validated_save())
    for feed in new:
        feed.breaker_position = 301
    took["save() of a moved feed"] = each(new, lambda f: f.save())
    cables = [Cable(termination_a=f, termination_b=p, status=connected) for f, p in zip(new, ports)]
    took["save() of a cable"] = each(cables, lambda c: c.save())
    for cable in cables:
        cable.delete()
    PowerFeed.objects.filter(name__startswith="cost ").delete()
    took[f"one of {BULK} by bulk_create()"] = bulk()
    PowerFeed.objects.filter(name__startswith="cost ").delete()
    return took


pairs = []
a_round()
for i in range(ROUNDS):
    took = {}
    # the second of a pair is not always the same one
    for on in (i % 2 == 1, i % 2 == 0):
        guarded(on)
        took[on] = a_round()
    pairs.append((took[False], took[True]))
guarded(True)
print(f"# what a guarded save costs, median of {ROUNDS} rounds in turns, ms")
for what in pairs[0][0]:
    without = statistics.median(p[0][what] for p in pairs) * 1000
    with_guard = statistics.median(p[1][what] for p in pairs) * 1000
    difference = statistics.median(p[1][what] - p[0][what] for p in pairs) * 1000
    print(f"#   {what}: {without:.2f} without, {with_guard:.2f} with the guard; difference of a pair {difference:+.2f}")
with transaction.atomic():
    PowerPanel.objects.filter(name__startswith="cost ").delete()
    PowerPort.objects.filter(name__startswith="cost ").delete()
connection.close()
