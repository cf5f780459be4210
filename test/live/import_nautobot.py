"""import_nautobot() of the Nautobot of this process, compared with what Nautobot says.

Nautobot's REST API tells what there is, its ORM what hangs on an inlet. Run after
fill.py, in a database that has the extension.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import live_nautobot  # noqa: E402, F401

from nautobot.dcim.models import Device, PowerFeed, PowerPort  # noqa: E402

import comparison  # noqa: E402
from comparison import check, choice, id_of, same, sql  # noqa: E402

KINDS = {"location": "locations", "rack_group": "rack-groups", "rack": "racks", "device": "devices", "power_panel": "power-panels",
         "power_feed": "power-feeds", "power_port": "power-ports", "power_outlet": "power-outlets", "cable": "cables"}


def here(query):
    return {str(row[0]): tuple(str(v) if hasattr(v, "hex") and not isinstance(v, float) else v for v in row[1:]) for row in sql(query)}


def api(path):
    return comparison.told_by_api(f"/api/dcim/{path}/?limit=200&depth=1")


def run_import(arguments=""):
    return comparison.run_import("import_nautobot", arguments)


def compare(said, report):
    for kind in KINDS:
        row = report[kind]
        check(row["objects_read"] == len(said[kind]) and row["taken"] + row["left_out"] == row["objects_read"],
              f"{kind}: Nautobot's API tells of {len(said[kind])}, {row['taken']} taken, {row['left_out']} left out", row)
    same(here("SELECT id, name, parent_id FROM powerpanel.location"),
         {k: (t["name"], id_of(t["parent"])) for k, t in said["location"].items()}, "locations")
    same(here("SELECT id, name, location_id, rack_group_id FROM powerpanel.rack"),
         {k: (t["name"], id_of(t["location"]), id_of(t["rack_group"])) for k, t in said["rack"].items()}, "racks")
    same(here("SELECT id, name, rack_id FROM powerpanel.device WHERE name !~ '[0-9a-f]{8}-'"),
         {k: (t["name"], id_of(t["rack"])) for k, t in said["device"].items() if t["name"]}, "devices")
    same(here("SELECT id, name, location_id, rack_group_id, panel_type::text, circuit_positions, power_path::text FROM powerpanel.power_panel"),
         {k: (t["name"], id_of(t["location"]), id_of(t["rack_group"]), choice(t["panel_type"]), t["breaker_position_count"], choice(t["power_path"]))
          for k, t in said["power_panel"].items()}, "power panels")
    feeds = {str(f.pk): f for f in PowerFeed.objects.all()}
    same(here("""SELECT id, name, power_panel_id, destination_panel_id, rack_id, lower(status), type::text, power_path::text, supply::text, phase::text,
            voltage, amperage, max_utilization, breaker_position, breaker_pole_count, available_power, occupied_positions::int[], phase_designation::text
            FROM powerpanel.power_feed"""),
         {k: (t["name"], id_of(t["power_panel"]), id_of(t["destination_panel"]), id_of(t["rack"]), t["status"]["name"].lower(),
              *(choice(t[c]) for c in ("type", "power_path", "supply", "phase")), t["voltage"], t["amperage"], t["max_utilization"],
              t["breaker_position"], choice(t["breaker_pole_count"]), feeds[k].available_power, sorted(feeds[k].get_occupied_positions()), feeds[k].phase_designation)
          for k, t in said["power_feed"].items()}, "power feeds, their available power, positions and phases")
    same(here("SELECT id, device_id, maximum_draw, allocated_draw, power_factor::float FROM powerpanel.power_port"),
         {k: (id_of(t["device"]), t["maximum_draw"], t["allocated_draw"], float(t["power_factor"])) for k, t in said["power_port"].items() if t["device"]},
         "power ports with their draws and factors")
    same(here("SELECT id, name, device_id, power_port_id, feed_leg::text FROM powerpanel.power_outlet"),
         {k: (t["name"], id_of(t["device"]), id_of(t["power_port"]), choice(t["feed_leg"])) for k, t in said["power_outlet"].items() if t["device"]},
         "power outlets")
    # by what the ORM says is at the other end of a port's cable
    peers = {str(p.pk): (str(p.cable_id), str(p.get_cable_peer().pk)) for p in PowerPort.objects.exclude(cable=None)} if \
        hasattr(PowerPort, "get_cable_peer") else {}
    same(here("SELECT power_port_id, id, coalesce(power_feed_id, power_outlet_id) FROM powerpanel.cable"), peers, "power cables, both ends")


def compare_draws():
    sql("UPDATE powerpanel.feed_status SET energized = true")
    loads = here("SELECT power_port_id, allocated_va, maximum_va, energized FROM powerpanel.port_load()")
    ours, theirs, n = {}, {}, 0
    for port in PowerPort.objects.filter(power_outlets__isnull=False).distinct():
        if loads[str(port.pk)][2]:
            draw = port.get_power_draw()
            n += 1
            if max(abs(loads[str(port.pk)][0] - draw["allocated"]), abs(loads[str(port.pk)][1] - draw["maximum"])) > 1:
                ours[str(port.pk)], theirs[str(port.pk)] = loads[str(port.pk)], (draw["allocated"], draw["maximum"])
    check(n > 0 and not ours, f"allocated and maximum draw at {n} inlets, to 1 VA, as get_power_draw() has it", ours, theirs)
    sql("UPDATE powerpanel.feed_status SET energized = lower(name) = 'active'")


def grant_reader():
    """SELECT on the tables that the import reads, and on those columns alone."""
    sql("""DO $$
        DECLARE
            c record;
        BEGIN
            CREATE ROLE nautobot_reader;
            GRANT USAGE ON SCHEMA powerpanel TO nautobot_reader;
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA powerpanel TO nautobot_reader;
            FOR c IN SELECT r.table_name, a.attname
                FROM (SELECT i.nautobot_table AS table_name, unnest(i.columns) AS column_name FROM powerpanel_internal.import_nautobot_columns() AS i
                    UNION ALL SELECT 'dcim_cable', unnest('{termination_a_type_id,termination_a_id,termination_b_type_id,termination_b_id}'::text[])) AS r
                JOIN pg_attribute a ON a.attrelid = to_regclass('public.' || r.table_name) AND a.attname = r.column_name
            LOOP
                EXECUTE format('GRANT SELECT (%I) ON public.%I TO nautobot_reader', c.attname, c.table_name);
            END LOOP;
            -- from 3.2 on, every kind of end of a cable is a column
            IF to_regclass('public.dcim_cabletocabletermination') IS NOT NULL THEN
                GRANT SELECT ON public.dcim_cabletocabletermination TO nautobot_reader;
            END IF;
        END $$""")


def main():
    from nautobot import __version__
    print(f"Nautobot {__version__}, PostgreSQL {sql('SHOW server_version')[0][0]}", flush=True)
    comparison.log_in("powerpanel-import")
    said = {kind: api(path) for kind, path in KINDS.items()}
    grant_reader()
    sql("SET ROLE nautobot_reader")
    dry = run_import("dry_run => true")
    sql("RESET ROLE")
    check(sql("SELECT count(*) FROM powerpanel.device")[0][0] == 0, "a dry run, by one who may read those columns alone, brings nothing")
    report = run_import()
    check(report == dry, "the import says what the dry run said")
    compare(said, report)
    comparison.check_audit()
    compare_draws()
    again = run_import()
    check(all(r["inserted"] == r["updated"] == 0 for r in again.values()), "a second import changes nothing", again)

    # Nautobot goes on: a name, a rating, a device that goes with all its cords
    feed = PowerFeed.objects.filter(cable__isnull=False).order_by("name").first()
    feed.name, feed.amperage = "renamed", 25
    feed.validated_save()
    gone = Device.objects.filter(power_ports__isnull=False, power_outlets__isnull=True).order_by("name").first()
    ports = gone.power_ports.count()
    gone.delete()
    said = {kind: api(path) for kind, path in KINDS.items()}
    dry = run_import("delete_vanished => true, dry_run => true")
    report = run_import("delete_vanished => true")
    check(report == dry and report["device"]["deleted"] == 1 and report["power_port"]["deleted"] == ports and report["power_feed"]["updated"] == 1,
          "what changed and vanished in Nautobot, first told, then done", report)
    compare(said, report)
    comparison.check_audit()
    comparison.finish("Nautobot", report)


main()
