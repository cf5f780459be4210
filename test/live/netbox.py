"""Fills a NetBox by its ORM, imports it, and compares what came with what NetBox says.

Run by test/live/netbox, in NetBox's own folder and with its own Python. What NetBox
says is its REST API, by Django's client, and get_power_draw() of its ORM. A column or
choice that only some versions have is used where it is there.
"""
import inspect
import os
import sys

sys.path.insert(0, os.getcwd())
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "netbox.settings")

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from dcim.models import (  # noqa: E402
    Cable, Device, DeviceRole, DeviceType, Location, Manufacturer, Module, ModuleBay, ModuleType, PowerFeed,
    PowerOutlet, PowerPanel, PowerPort, PowerPortTemplate, Rack, Region, Site,
)

import comparison  # noqa: E402
from comparison import check, choice, id_of, same, sql  # noqa: E402


# ----------------------------------------------------------------- filling

def made(model, /, **fields):
    thing = model(**fields)
    thing.full_clean()
    thing.save()
    return thing


def has(model, field):
    return any(f.name == field for f in model._meta.get_fields())


def cable(a, b, **fields):
    fields = {k: v for k, v in fields.items() if has(Cable, k)}
    return made(Cable, a_terminations=a if isinstance(a, list) else [a], b_terminations=b if isinstance(b, list) else [b], **fields)


def fill():
    region = made(Region, name="Live region", slug="live-region")
    site = made(Site, name="Live site", slug="live-site", region=region)
    hall = made(Location, name="Live hall", slug="live-hall", site=site)
    room = made(Location, name="Live room", slug="live-room", site=site, parent=None)
    racks = [made(Rack, name=f"L{n}", site=site, location=hall) for n in (1, 2)]
    maker = made(Manufacturer, name="Live maker", slug="live-maker")
    role = made(DeviceRole, name="Live power", slug="live-power", color="aa1409")
    pdu_type = made(DeviceType, manufacturer=maker, model="Live PDU", slug="live-pdu", u_height=0)
    server_type = made(DeviceType, manufacturer=maker, model="Live server", slug="live-server")

    def device(name, kind=server_type, rack=racks[0]):
        return made(Device, name=name, device_type=kind, role=role, site=site, location=hall, rack=rack)

    panels = {p: made(PowerPanel, name=f"Live {p}", site=site, location=room) for p in "AB"}
    feeds = {
        "A": made(PowerFeed, name="A", power_panel=panels["A"], rack=racks[0], phase="three-phase", voltage=400, amperage=32),
        "B": made(PowerFeed, name="B", power_panel=panels["B"], rack=racks[0], type="redundant", voltage=230, amperage=32,
                  max_utilization=70, comments="from the other side"),
        "DC": made(PowerFeed, name="DC", power_panel=panels["A"], supply="dc", voltage=-48, amperage=100),
        "spare": made(PowerFeed, name="spare", power_panel=panels["B"], rack=racks[1], status="planned"),
        "chain": made(PowerFeed, name="chain", power_panel=panels["B"], rack=racks[1], voltage=230, amperage=16),
        "odd": made(PowerFeed, name="odd", power_panel=panels["B"], rack=racks[1], voltage=230, amperage=16)}

    def pdu(name, feed, outlets, legs="", rack=racks[0]):
        d = device(name, pdu_type, rack)
        inlet = made(PowerPort, device=d, name="Inlet")
        cable(inlet, feed, label=f"to {name}", **{"profile": "single-1c1p"})
        return d, inlet, [made(PowerOutlet, device=d, name=f"Outlet {n + 1}", power_port=inlet, feed_leg=legs[n % len(legs)] if legs else None)
                          for n in range(outlets)]

    pdu_a, inlet_a, out_a = pdu("live-pdu-a", feeds["A"], 9, "ABC")
    pdu_b, inlet_b, out_b = pdu("live-pdu-b", feeds["B"], 9)
    for n in range(6):
        server = device(f"live-srv-{n}")
        for side, outlets in (("A", out_a), ("B", out_b)):
            port = made(PowerPort, device=server, name=f"PSU {side}", maximum_draw=500 + n, allocated_draw=200 + 10 * n)
            cable(*((outlets[n], port) if n % 2 else (port, outlets[n])), label=f"{side}{n}" if n else "")

    # a power supply that is a module
    chassis = device("live-chassis")
    supply_type = made(ModuleType, manufacturer=maker, model="Live PSU")
    made(PowerPortTemplate, module_type=supply_type, name="PSU {module}", maximum_draw=900, allocated_draw=600)
    bay = made(ModuleBay, device=chassis, name="Bay 1", position="1")
    made(Module, device=chassis, module_bay=bay, module_type=supply_type)
    cable(out_a[6], PowerPort.objects.get(device=chassis))

    # fuses within a PDU: its inlet feeds outlets that are wired to power ports of itself
    chain, inlet, internal = pdu("live-fused", feeds["chain"], 2, rack=racks[1])
    for n, outlet in enumerate(internal):
        fuse = made(PowerPort, device=chain, name=f"Fuse {n + 1}")
        cable(outlet, fuse)
        for m in range(2):
            socket = made(PowerOutlet, device=chain, name=f"Socket {n + 1}.{m + 1}", power_port=fuse)
            port = made(PowerPort, device=device(f"live-fused-srv-{n}{m}", rack=racks[1]), name="PSU", maximum_draw=400, allocated_draw=100 + 10 * n + m)
            cable(socket, port)

    # what a cable of ours cannot be, and what it does not tell
    odd, inlet, outlets = pdu("live-odd", feeds["odd"], 8, rack=racks[1])
    many = device("live-many-cords", rack=racks[1])
    ports = [made(PowerPort, device=many, name=f"PSU {n}", allocated_draw=100, maximum_draw=200) for n in range(8)]
    left_out = [cable(outlets[0], ports[0:2], label="Y")]
    if has(Cable, "profile"):
        left_out.append(cable(outlets[1:3], ports[2:4], label="twin", profile="trunk-2c1p"))
    loose = cable(outlets[3], ports[4], label="loose")
    ports[4].delete()
    loose.refresh_from_db()
    left_out.append(loose)
    disabled = []
    if has(PowerOutlet, "status"):
        for outlet, status in ((outlets[5], "disabled"), (outlets[6], "faulty")):
            outlet.snapshot()
            outlet.status = status
            outlet.full_clean()
            outlet.save()
            disabled.append(outlet)
        cable(outlets[5], ports[6])
    made(Device, name=None, device_type=server_type, role=role, site=site)
    return [c.pk for c in left_out], disabled


# --------------------------------------------------------------- comparing

def api(path):
    """All objects that NetBox's REST API tells of."""
    return comparison.told_by_api(f"/{settings.BASE_PATH}api/dcim/{path}/?limit=500")


KINDS = {"region": "regions", "site": "sites", "location": "locations", "rack": "racks", "device": "devices", "power_panel": "power-panels",
         "power_feed": "power-feeds", "power_port": "power-ports", "power_outlet": "power-outlets", "cable": "cables"}


def run_import(arguments=""):
    return comparison.run_import("import_netbox", arguments)


def details(report):
    return [d for row in report.values() for d in row["details"]]


def here(query):
    """Rows of ours by NetBox's id, which is their first column."""
    return {int(row[0]): tuple(row[1:]) for row in sql(query)}


def n(alias):
    return f"({alias}.custom_fields #>> '{{netbox,id}}')::int"


def compare(said, report):
    for kind in KINDS:
        row = report[kind]
        check(row["objects_read"] == len(said[kind]) and row["taken"] + row["left_out"] == row["objects_read"],
              f"{kind}: NetBox's API tells of {len(said[kind])}, {row['taken']} taken, {row['left_out']} left out", row)

    same(here(f"SELECT {n('t')}, t.name, {n('l')} FROM powerpanel.rack t JOIN powerpanel.location l ON l.id = t.location_id"),
         {k: (r["name"], id_of(r["location"]) or id_of(r["site"])) for k, r in said["rack"].items()}, "racks, and where they stand")
    same(here(f"SELECT {n('t')}, t.name, {n('r')} FROM powerpanel.device t LEFT JOIN powerpanel.rack r ON r.id = t.rack_id"),
         {k: (d["name"] or sql("SELECT name FROM powerpanel.device t WHERE " + n("t") + " = %s", k)[0][0], id_of(d["rack"]))
          for k, d in said["device"].items()}, "devices")
    same(here(f"""SELECT {n('t')}, t.name, {n('l')} FROM powerpanel.power_panel t JOIN powerpanel.location l ON l.id = t.location_id"""),
         {k: (p["name"], id_of(p["location"]) or id_of(p["site"])) for k, p in said["power_panel"].items()}, "power panels")
    available = {f.pk: f.available_power for f in PowerFeed.objects.all()}
    same(here(f"""SELECT {n('t')}, t.name, {n('p')}, {n('r')}, t.status, t.type::text, t.supply::text, t.phase::text, t.voltage, t.amperage,
            t.max_utilization, t.available_power, coalesce(t.comments, '') FROM powerpanel.power_feed t
            JOIN powerpanel.power_panel p ON p.id = t.power_panel_id LEFT JOIN powerpanel.rack r ON r.id = t.rack_id"""),
         {k: (f["name"], id_of(f["power_panel"]), id_of(f["rack"]), *(choice(f[c]) for c in ("status", "type", "supply", "phase")),
              f["voltage"], f["amperage"], f["max_utilization"], available[k], f["comments"]) for k, f in said["power_feed"].items()},
         "power feeds with their ratings and available power")
    same(here(f"SELECT {n('t')}, t.name, {n('d')}, t.maximum_draw, t.allocated_draw FROM powerpanel.power_port t JOIN powerpanel.device d ON d.id = t.device_id"),
         {k: (p["name"], id_of(p["device"]), p["maximum_draw"], p["allocated_draw"]) for k, p in said["power_port"].items()},
         "power ports with their draws")
    same(here(f"""SELECT {n('t')}, t.name, {n('d')}, {n('p')}, t.feed_leg::text, t.custom_fields #>> '{{netbox,status}}' FROM powerpanel.power_outlet t
            JOIN powerpanel.device d ON d.id = t.device_id LEFT JOIN powerpanel.power_port p ON p.id = t.power_port_id"""),
         {k: (o["name"], id_of(o["device"]), id_of(o["power_port"]), choice(o["feed_leg"]), choice(o.get("status"))) for k, o in said["power_outlet"].items()},
         "power outlets")
    same({k: tuple(v) for k, v in here(f"""SELECT {n('t')}, coalesce('dcim.powerfeed ' || {n('f')}, 'dcim.poweroutlet ' || {n('o')}), 'dcim.powerport ' || {n('p')}, coalesce(t.label, ''),
            t.custom_fields #>> '{{netbox,status}}', t.custom_fields #>> '{{netbox,profile}}'
            FROM powerpanel.cable t LEFT JOIN powerpanel.power_feed f ON f.id = t.power_feed_id LEFT JOIN powerpanel.power_outlet o ON o.id = t.power_outlet_id
            JOIN powerpanel.power_port p ON p.id = t.power_port_id""").items()},
         power_cables(said), "power cables, both ends")
    # the other way round: what a port says is at the other end of its cable
    peers = {k: sorted(f"{peer_type(p)} {peer['id']}" for peer in p["link_peers"] or []) for k, p in said["power_port"].items()}
    cabled = here(f"""SELECT {n('p')}, coalesce('dcim.powerfeed ' || {n('f')}, 'dcim.poweroutlet ' || {n('o')}) FROM powerpanel.cable t
            JOIN powerpanel.power_port p ON p.id = t.power_port_id LEFT JOIN powerpanel.power_feed f ON f.id = t.power_feed_id
            LEFT JOIN powerpanel.power_outlet o ON o.id = t.power_outlet_id""")
    same({k: list(v) for k, v in cabled.items()}, {k: v for k, v in peers.items() if len(v) == 1 and k in cabled}, "link peers of power ports")


def peer_type(port):
    return {"dcim.powerfeed": "dcim.powerfeed", "dcim.poweroutlet": "dcim.poweroutlet"}.get(port["link_peers_type"], port["link_peers_type"])


def power_cables(said):
    cables = {}
    for k, c in said["cable"].items():
        ends = [f"{t['object_type']} {t['object_id']}" for side in ("a", "b") for t in c[f"{side}_terminations"]]
        if len(c["a_terminations"]) == len(c["b_terminations"]) == 1 and sum(e.startswith("dcim.powerport ") for e in ends) == 1:
            ends.sort(key=lambda e: e.startswith("dcim.powerport "))
            cables[k] = (*ends, c["label"], choice(c["status"]), choice(c.get("profile")))
    return cables


def compare_draws(odd):
    """Watts that NetBox adds up behind an inlet, with every feed energized and at power factor 1."""
    sql("UPDATE powerpanel.feed_status SET energized = true")
    sql("UPDATE powerpanel.power_port SET power_factor = 1")
    loads = here(f"""SELECT {n('p')}, round(l.allocated_va::numeric, 2), round(l.maximum_va::numeric, 2), l.energized
        FROM powerpanel.port_load() l JOIN powerpanel.power_port p ON p.id = l.power_port_id""")
    follows_fuses = "_seen" in inspect.signature(PowerPort.get_power_draw).parameters
    ours, theirs, legs, theirs_legs, dark = {}, {}, {}, {}, 0
    for port in PowerPort.objects.filter(poweroutlets__isnull=False).distinct():
        if port.device in odd or (not follows_fuses and port.device.name == "live-fused" and port.name == "Inlet"):
            continue
        if not loads.get(port.pk, (0, 0, False))[2]:
            dark += 1
            continue
        draw = port.get_power_draw()
        ours[port.pk] = tuple(float(x) for x in loads[port.pk][:2])
        theirs[port.pk] = (float(draw["allocated"]), float(draw["maximum"]))
        for leg in draw["legs"]:
            theirs_legs[port.pk, leg["name"]] = (float(leg["allocated"]), float(leg["maximum"]), leg["outlet_count"])
            legs[port.pk, leg["name"]] = tuple(float(x) for x in sql(f"""
                SELECT coalesce(sum(l.allocated_va), 0)::numeric(12,2), coalesce(sum(l.maximum_va), 0)::numeric(12,2), count(DISTINCT o.id)
                FROM powerpanel.power_outlet o JOIN powerpanel.power_port i ON i.id = o.power_port_id LEFT JOIN powerpanel.cable c ON c.power_outlet_id = o.id
                LEFT JOIN powerpanel.port_load() l ON l.power_port_id = c.power_port_id WHERE {n('i')} = %s AND o.feed_leg = %s""", port.pk, leg["name"])[0])
    same(ours, theirs, "allocated and maximum draw at inlets, as get_power_draw() has it")
    same(legs, theirs_legs, "... and by leg")
    print(f"     ({dark} inlets without power here are not compared{'' if follows_fuses else '; fuses within a PDU: this NetBox does not follow them'})")
    if not follows_fuses:
        inlet = PowerPort.objects.get(device__name="live-fused", name="Inlet")
        check(float(loads[inlet.pk][0]) == 100 + 101 + 110 + 111, "here the inlet before fuses carries what hangs on them", loads[inlet.pk])


def compare_left_out(report, left_out, disabled):
    told = details(report)
    named = {d["id"]: d["reason"] for d in told if d.get("table") == "dcim_cable" and "id" in d}
    for k in left_out:
        check(k in named, f"cable {k} is left out and told: {named.get(k)}", told)
    for outlet in disabled:
        check(any(f'"{outlet.name}"' in d["reason"] and outlet.status in d["reason"] for d in told),
              f"an outlet that is {outlet.status} is told", told)


# ------------------------------------------------------------------ reading

def compare_reader():
    """One who may read just those tables and columns, and write the inventory."""
    tables = sql("SELECT netbox_table, array_agg(DISTINCT a) FROM powerpanel_internal.import_netbox_columns(), unnest(columns) a GROUP BY 1")
    sql("CREATE ROLE reader")
    sql("GRANT USAGE ON SCHEMA public, powerpanel, powerpanel_internal TO reader")
    sql("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA powerpanel TO reader")
    for table, columns in tables:
        there = [c for (c,) in sql("SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attname = ANY (%s)", table, columns)]
        sql(f"GRANT SELECT ({', '.join(there)}) ON public.{table} TO reader")
    sql("SET ROLE reader")
    report = run_import("dry_run => true")
    sql("RESET ROLE")
    check(report["cable"]["objects_read"] == Cable.objects.count(), f"SELECT on {len(tables)} tables of NetBox, on those columns alone, is enough to read")
    return report


def main():
    print(f"NetBox {getattr(settings, 'RELEASE', None) and settings.RELEASE.full_version or settings.VERSION}, "
          f"PostgreSQL {sql('SHOW server_version')[0][0]}", flush=True)
    left_out, disabled = fill()
    comparison.log_in("powerpanel-live")
    odd = list(Device.objects.filter(name__in=("live-odd", "live-many-cords")))
    said = {kind: api(path) for kind, path in KINDS.items()}

    dry = compare_reader()
    check(sql("SELECT count(*) FROM powerpanel.device")[0][0] == 0, "a dry run brings nothing")
    report = run_import()
    check(report == dry, "the import says what the dry run said")
    compare(said, report)
    compare_left_out(report, left_out, disabled)
    comparison.check_audit()
    compare_draws(odd)
    again = run_import()
    check(all(r["inserted"] == r["updated"] == 0 for r in again.values()), "a second import changes nothing", again)

    # NetBox goes on: a name, a rating, a device that goes with all its cords
    feed = PowerFeed.objects.get(name="A", power_panel__name="Live A")
    feed.snapshot()
    feed.name, feed.amperage = "A renamed", 63
    feed.full_clean()
    feed.save()
    gone = Device.objects.get(name="live-srv-0")
    gone.delete()
    said = {kind: api(path) for kind, path in KINDS.items()}
    dry = run_import("delete_vanished => true, dry_run => true")
    report = run_import("delete_vanished => true")
    check(report == dry and report["device"]["deleted"] == 1 and report["power_port"]["deleted"] == 2 and report["power_feed"]["updated"] == 1,
          "what changed and vanished in NetBox, first told, then done", report)
    sql("UPDATE powerpanel.feed_status SET energized = name = 'active'")
    compare(said, report)
    comparison.check_audit()
    for d in details(report):
        print("     told:", d.get("object") or d.get("objects"), "-", d["reason"])
    comparison.finish("NetBox", report)


main()
