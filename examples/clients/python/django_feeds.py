#!/usr/bin/env python3
"""How Django works with powerpanel: the models are what inspectdb writes, and four
corrections.

Copy from the upper part what you need. The lower part shows it at work, in a
database that has the extension, and leaves nothing behind:

    pip install -r requirements.txt && PGDATABASE=mydb python3 django_feeds.py
"""

import os

import django
from django.conf import settings
from django.db import IntegrityError, models, transaction

if not settings.configured:
    settings.configure(
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                # The rest comes from the environment: PGHOST, PGPORT, PGUSER, ...
                "NAME": os.environ["PGDATABASE"],
                "OPTIONS": {"options": "-c search_path=powerpanel,public"},
            }
        },
    )
    django.setup()


# 1. A position_set arrives as text, "5, 7"; so it is a list of numbers.
class PositionSetField(models.TextField):
    def from_db_value(self, value, expression, connection):
        return value and [int(position) for position in value.split(",")] or []


# 2. What the database works out is never written, and is read back after an
#    INSERT. The tables are not managed, so the expression is not used.
def read_only(field):
    return models.GeneratedField(expression=models.Value(None), output_field=field, db_persist=True)


# 3. An enum arrives as text. With choices a form has a list to choose from.
Phase = models.TextChoices("Phase", {"SINGLE": "single-phase", "THREE": "three-phase"})


class Location(models.Model):
    # 4. inspectdb takes no default of a column along.
    id = models.UUIDField(primary_key=True, db_default=models.Func(function="gen_random_uuid"))
    name = models.TextField()
    parent = models.ForeignKey("self", models.DO_NOTHING, blank=True, null=True)

    class Meta:
        app_label = "power"
        managed = False
        db_table = "location"


class PowerPanel(models.Model):
    id = models.UUIDField(primary_key=True, db_default=models.Func(function="gen_random_uuid"))
    name = models.TextField()
    location = models.ForeignKey(Location, models.DO_NOTHING)
    circuit_positions = models.IntegerField(blank=True, null=True)

    class Meta:
        app_label = "power"
        managed = False
        db_table = "power_panel"
        unique_together = (("location", "name"),)


class PowerFeed(models.Model):
    id = models.UUIDField(primary_key=True, db_default=models.Func(function="gen_random_uuid"))
    name = models.TextField()
    power_panel = models.ForeignKey(PowerPanel, models.DO_NOTHING)
    destination_panel = models.ForeignKey(
        PowerPanel, models.DO_NOTHING, related_name="powerfeed_destination_panel_set", blank=True, null=True
    )
    status = models.TextField()
    phase = models.TextField(choices=Phase, db_default="single-phase")
    voltage = models.IntegerField(db_default=120)
    amperage = models.IntegerField(db_default=20)
    breaker_position = models.IntegerField(blank=True, null=True)
    breaker_pole_count = models.IntegerField(blank=True, null=True)
    available_power = read_only(models.BigIntegerField(null=True))
    occupied_positions = read_only(PositionSetField())
    phase_designation = read_only(models.TextField(null=True))

    class Meta:
        app_label = "power"
        managed = False
        db_table = "power_feed"
        unique_together = (("power_panel", "name"),)


# ------------------------------------------------------------------ at work


def refused(write):
    try:
        # Without a savepoint of its own the transaction around it is lost.
        with transaction.atomic():
            write()
    except IntegrityError as error:
        diag = error.__cause__.diag
        print(f"refused, {diag.sqlstate} {diag.constraint_name}")
        print(f"  {diag.message_primary}")
        if diag.message_hint:
            print(f"  {diag.message_detail}")
            print(f"  {diag.message_hint}")
    else:
        raise SystemExit("this write should have been refused")


def tell(feed):
    print(f"{feed.name}: {feed.occupied_positions}, {feed.phase_designation}, {feed.phase}, {feed.available_power} VA")


def show():
    place = Location.objects.create(name="Workshop of the examples")
    panel = PowerPanel.objects.create(name="Main", location=place, circuit_positions=42)
    three = {"phase": Phase.THREE, "voltage": 208, "breaker_pole_count": 3}

    print("-- a feed, and what follows from it")
    pump = PowerFeed.objects.create(name="Pump", power_panel=panel, status="active", breaker_position=1, **three)
    tell(pump)
    spare = PowerFeed.objects.create(name="Spare", power_panel=panel, status="planned")
    tell(spare)
    tell(PowerFeed.objects.get(power_panel__name="Main", power_panel__location=place, phase=Phase.THREE))

    print("-- a rule refuses")
    refused(lambda: PowerFeed.objects.create(name="Fan", power_panel=panel, status="active", breaker_position=5))
    refused(lambda: PowerFeed.objects.create(name="Fan", power_panel=panel, status="active", voltage=0))

    print("-- a breaker moves")
    pump.breaker_position = 7
    pump.save()
    pump.refresh_from_db()
    tell(pump)


if __name__ == "__main__":
    with transaction.atomic():
        show()
        transaction.set_rollback(True)
