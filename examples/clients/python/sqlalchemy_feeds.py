#!/usr/bin/env python3
"""How SQLAlchemy works with powerpanel: automap makes the classes from the tables.

Copy from the upper part what you need. The lower part shows it at work, in a
database that has the extension, and leaves nothing behind:

    pip install -r requirements.txt && PGDATABASE=mydb python3 sqlalchemy_feeds.py
"""

from sqlalchemy import Column, FetchedValue, Text, create_engine, select
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.automap import automap_base
from sqlalchemy.orm import Session
from sqlalchemy.types import UserDefinedType


# A position_set arrives as text, "5, 7"; so it is a list of numbers.
class PositionSet(UserDefinedType):
    cache_ok = True

    def get_col_spec(self, **_):
        return "powerpanel.position_set"

    def result_processor(self, dialect, coltype):
        return lambda value: value and [int(position) for position in value.split(",")] or []


ischema_names["position_set"] = PositionSet


# power_feed refers twice to power_panel. So a relationship is called after its
# column: feed.power_panel, feed.destination_panel, panel.power_feed_by_power_panel.
def name_of(base, local, referred, constraint):
    column = list(constraint.column_keys)[-1]
    return column.removesuffix("_id") if column.endswith("_id") else referred.__name__


def name_of_all(base, local, referred, constraint):
    return f"{referred.__name__}_by_{name_of(base, referred, local, constraint)}"


# Where to comes from the environment: PGHOST, PGDATABASE, PGUSER, ...
engine = create_engine("postgresql+psycopg://", connect_args={"options": "-c search_path=powerpanel,public"})
Base = automap_base()


# What triggers work out is never written, and is read back after a write. (Of
# available_power SQLAlchemy sees that by itself: it is a generated column.)
class PowerFeed(Base):
    __tablename__ = "power_feed"
    occupied_positions = Column(PositionSet, server_default=FetchedValue(), server_onupdate=FetchedValue())
    phase_designation = Column(Text, server_default=FetchedValue(), server_onupdate=FetchedValue())


Base.prepare(
    autoload_with=engine,
    reflection_options={"only": ["location", "power_panel", "power_feed"]},
    name_for_scalar_relationship=name_of,
    name_for_collection_relationship=name_of_all,
)
Location, PowerPanel = Base.classes.location, Base.classes.power_panel


# ------------------------------------------------------------------ at work


def refused(session, feed):
    try:
        # Without a savepoint of its own the transaction around it is lost.
        with session.begin_nested():
            session.add(feed)
    except IntegrityError as error:
        diag = error.orig.diag
        print(f"refused, {diag.sqlstate} {diag.constraint_name}")
        print(f"  {diag.message_primary}")
        if diag.message_hint:
            print(f"  {diag.message_detail}")
            print(f"  {diag.message_hint}")
    else:
        raise SystemExit("this write should have been refused")


def tell(feed):
    print(f"{feed.name}: {feed.occupied_positions}, {feed.phase_designation}, {feed.phase}, {feed.available_power} VA")


def show(session):
    place = Location(name="Workshop of the examples")
    panel = PowerPanel(name="Main", location=place, circuit_positions=42)
    three = {"phase": "three-phase", "voltage": 208, "breaker_pole_count": 3}
    session.add(panel)
    session.flush()

    def feed(name, status="active", **values):
        return PowerFeed(name=name, power_panel_id=panel.id, status=status, **values)

    print("-- a feed, and what follows from it")
    pump, spare = feed("Pump", breaker_position=1, **three), feed("Spare", status="planned")
    session.add_all([pump, spare])
    session.flush()
    tell(pump)
    tell(spare)
    tell(session.scalars(
        select(PowerFeed).join(PowerFeed.power_panel).where(PowerPanel.location == place, PowerFeed.phase == "three-phase")
    ).one())

    print("-- a rule refuses")
    refused(session, feed("Fan", breaker_position=5))
    refused(session, feed("Fan", voltage=0))

    print("-- a breaker moves")
    pump.breaker_position = 7
    session.flush()
    tell(pump)


if __name__ == "__main__":
    with Session(engine) as session:
        show(session)
        session.rollback()
