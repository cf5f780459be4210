"""Some sound power data, by the ORM: the same for all versions. Importing it fills the database."""

import live_nautobot  # noqa: F401 sets Nautobot up
from django.contrib.contenttypes.models import ContentType
from nautobot.dcim.models import *
from nautobot.extras.models import Role, Status

def status(model, name="Active"):
    return Status.objects.get_for_model(model).get(name=name)

def save(obj):
    obj.validated_save()
    return obj

def lt(name, parent=None, *models):
    t, _ = LocationType.objects.get_or_create(name=name, defaults={"parent": parent, "nestable": False})
    t.content_types.set(ContentType.objects.get_for_models(*models).values())
    return t

site_t = lt("Site", None, Rack, Device, PowerPanel, RackGroup)
room_t = lt("Room", site_t, Rack, Device, PowerPanel, RackGroup)
dc = save(Location(name="DC1", location_type=site_t, status=status(Location)))
rooms = {n: save(Location(name=n, location_type=room_t, parent=dc, status=status(Location))) for n in ("Electrical Room", "Data Hall 1", "Data Hall 2")}
hall = rooms["Data Hall 1"]
group = save(RackGroup(name="Row A", location=hall))
racks = [save(Rack(name=f"A{i:02}", location=hall, rack_group=group, status=status(Rack), u_height=42)) for i in range(1, 5)]
racks.append(save(Rack(name="B01", location=rooms["Data Hall 2"], status=status(Rack), u_height=42)))
maker = save(Manufacturer(name="Maker"))
role = save(Role(name="Power or load")); role.content_types.add(ContentType.objects.get_for_model(Device))
pdu_type = save(DeviceType(manufacturer=maker, model="PDU-24", u_height=0))
srv_type = save(DeviceType(manufacturer=maker, model="Server", u_height=1))
def dev(name, t, rack, pos=None):
    return save(Device(name=name, device_type=t, role=role, location=rack.location, rack=rack, position=pos, face="front" if pos else "", status=status(Device)))

panels = {}
def panel(name, loc, kind, count, path="", group=None):
    panels[name] = save(PowerPanel(name=name, location=loc, rack_group=group, panel_type=kind, breaker_position_count=count, power_path=path))
    return panels[name]
er = rooms["Electrical Room"]
panel("UTIL", er, "utility", None)
for p in "ab":
    P = p.upper()
    panel(f"MDP-{P}", er, "mdp", 30, p)
    panel(f"UPS-{P}", er, "ups", None, p)
    panel(f"RPP-{P}1", hall, "rpp", 42, p, group)
panel("LP-2", rooms["Data Hall 2"], "panelboard", 24)

n = 0
def feed(name, src, dst=None, at=None, poles=None, rack=None, st="Active", **kw):
    return save(PowerFeed(name=name, power_panel=panels[src], destination_panel=panels[dst] if dst else None, rack=rack,
        breaker_position=at, breaker_pole_count=poles, status=status(PowerFeed, st), **kw))
for p in "ab":
    P = p.upper()
    t = dict(phase="three-phase", voltage=480, power_path=p, type="primary")
    feed(f"U-{P}", "UTIL", f"MDP-{P}", amperage=800, **t)
    feed(f"M-UPS-{P}", f"MDP-{P}", f"UPS-{P}", at=1, poles=3, amperage=400, **t)
    feed(f"UPS-RPP-{P}", f"UPS-{P}", f"RPP-{P}1", amperage=225, max_utilization=100, **t)
feed("M-LP2", "MDP-A", "LP-2", at=2, poles=3, amperage=100, phase="three-phase", voltage=480)
cables = 0
def cable(a, b, label=""):
    global cables
    cables += 1
    return save(Cable(termination_a=a, termination_b=b, status=status(Cable, "Connected"), label=label))
pdus = {}
for i, rack in enumerate(racks[:4]):
    for p in "ab":
        P = p.upper()
        f = feed(f"{rack.name}-{P}", f"RPP-{P}1", at=1 + 6 * i, poles=3 if i < 2 else 2, rack=rack, phase="three-phase" if i < 2 else "single-phase", voltage=208,
                 amperage=30, power_path=p, type="primary" if p == "a" else "redundant")
        d = pdus[rack.name, p] = dev(f"{rack.name}-PDU-{P}", pdu_type, rack)
        inlet = save(PowerPort(device=d, name="Inlet", type="nema-l21-30p"))
        for k in range(1, 7):
            save(PowerOutlet(device=d, name=f"Outlet {k}", power_port=inlet, type="iec-60320-c13", feed_leg="ABC"[(k - 1) % 3] if i < 2 else ""))
        cable(f, inlet, f"feed {rack.name}-{P}")
    for k in range(1, 4):
        s = dev(f"{rack.name}-srv{k}", srv_type, rack, pos=k)
        for p, psu in (("a", "PSU1"), ("b", "PSU2")):
            port = save(PowerPort(device=s, name=psu, type="iec-60320-c14", maximum_draw=500 + 50 * k, allocated_draw=300 + 20 * k))
            cable(pdus[rack.name, p].power_outlets.get(name=f"Outlet {k}"), port)
feed("Spare", "RPP-A1", at=37, poles=1, st="Planned")
feed("Lights", "LP-2", at=1, poles=1, voltage=277)
feed("DC plant", "LP-2", at=3, poles=2, supply="dc", voltage=-48, amperage=60)
