"""Every way into a guarded Nautobot, tried with writes that break a rule and with sound ones.

    ways.py VERSION REPORT [SCREENSHOT]

Each refusal is written to REPORT: the way, the rule, who refused (Nautobot's own validation, or the guard), the status
or exception, and the text. What is refused must not be there afterwards, and what is sound must be let in.
"""

import csv
import io
import multiprocessing
import re
import sys
import threading
import uuid

from live_nautobot import start, start_web

import requests
from django import db
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from nautobot.dcim.models import Cable, Device, PowerFeed, PowerPanel, PowerPort
from nautobot.extras.models import Job, JobResult, Status
from nautobot.users.models import Token

import fill

VERSION, REPORT = sys.argv[1:3]
SCREENSHOT = sys.argv[3] if len(sys.argv) > 3 else None

failed = 0
report = []


def check(ok, what):
    global failed
    failed += not ok
    print("ok -" if ok else "not ok -", f"{VERSION}: {what}", flush=True)
    return ok


# --- What there is, and who asks ---

user = get_user_model().objects.create_superuser("admin", "admin@example.com", "admin")
token = Token.objects.create(user=user)
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


urls = [start_web(), start_web()]
headers = {"Authorization": f"Token {token.key}", "Accept": "application/json"}


def api(method, path, data, url=urls[0]):
    return requests.request(method, f"{url}/api/dcim/{path}/", json=data, headers=headers, timeout=300)


browser = requests.Session()


def page(method, path, data=None):
    """A page as a browser asks for it."""
    if method == "GET":
        return browser.get(urls[0] + path, timeout=300)
    data = {**data, "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
    return browser.post(urls[0] + path, data=data, headers={"Referer": urls[0]}, timeout=300)


page("GET", "/login/")
page("POST", "/login/", {"username": "admin", "password": "admin"})


def text_of(html):
    """The words of a page."""
    html = re.sub(r"<(script|style).*?</\1>", "", html, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("&quot;", '"').replace("&gt;", ">").replace("&#x27;", "'")


# --- The ways in. Each gives (refused, by whom, status, text). ---

RULES = re.compile(
    r"breaker of power feed .* (conflicts with|does not fit on|has too many poles)|closes a loop of power panels"
    r"|cannot have both a destination panel and a cable|violates check constraint \"(power_\w+)\""
)


def told_by(text):
    return "guard" if RULES.search(text) else "Nautobot"


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


def answer(response):
    text = response.text if "json" in response.headers["Content-Type"] else text_of(response.text)
    if "json" in response.headers["Content-Type"] and isinstance(response.json(), dict):
        text = response.json().get("error", text)
    return response.status_code >= 400, told_by(text), str(response.status_code), text


def by_form(response, wanted):
    """A form that is shown again is a refusal with status 200."""
    text = text_of(response.text)
    errors = re.findall(r'class="(?:help-block|invalid-feedback|text-danger)[^"]*"[^>]*>(.*?)</', response.text, flags=re.S)
    refused = response.status_code >= 400 or bool(re.search(r"/(add|edit)/?", response.url))
    where = RULES.search(text)
    if where:
        words = text[max(0, text.find("There was a problem")):where.end() + 120]
    else:
        words = text_of(" ".join(errors)).strip() or wanted
    return refused, told_by(text), str(response.status_code), words


def instance(fields):
    # what an object is made of is named by keys in all other ways
    return PowerFeed(**{{"power_panel": "power_panel_id", "destination_panel": "destination_panel_id"}.get(k, k): v
                        for k, v in fields.items() if k != "status"}, status=active)


def as_csv(fields):
    out = io.StringIO()
    writer = csv.DictWriter(out, fields)
    writer.writeheader()
    writer.writerow(fields)
    return out.getvalue()


def csv_by_api(fields):
    return answer(requests.post(f"{urls[0]}/api/dcim/power-feeds/", data=as_csv(fields), timeout=300,
                                headers={**headers, "Content-Type": "text/csv"}))


def csv_by_job(fields):
    """The import of the page: a job, which a worker does."""
    result = JobResult.enqueue_job(Job.objects.get(job_class_name="ImportObjects"), user,
                                   content_type=ContentType.objects.get_for_model(PowerFeed).pk, csv_data=as_csv(fields))
    for _ in range(600):
        result.refresh_from_db()
        if result.status in ("SUCCESS", "FAILURE"):
            break
        threading.Event().wait(0.2)
    text = " ".join([*result.job_log_entries.values_list("message", flat=True), str(result.result or ""), result.traceback or ""])
    found = RULES.search(text)
    line = next((e for e in result.job_log_entries.exclude(log_level="info").values_list("message", flat=True)), text)
    return result.status == "FAILURE", told_by(text), f"job {result.status.lower()}", text[max(0, found.start() - 60):] if found else line


def form_fields(fields):
    return {"type": "primary", "supply": "ac", "phase": "single-phase", "voltage": 120, "amperage": 20, "max_utilization": 80,
            **fields, "_create": ""}


CREATE = {
    "ORM save()": lambda f: by_orm(lambda: instance(f).save()),
    "ORM validated_save()": lambda f: by_orm(lambda: instance(f).validated_save()),
    "bulk_create()": lambda f: by_orm(lambda: PowerFeed.objects.bulk_create([instance(f)])),
    "REST POST": lambda f: answer(api("POST", "power-feeds", f)),
    "REST POST of a list": lambda f: answer(api("POST", "power-feeds", [f])),
    "REST POST of CSV": csv_by_api,
    "CSV import (a job)": csv_by_job,
    "form": lambda f: by_form(page("POST", "/dcim/power-feeds/add/", form_fields(f)), "the form again"),
}
EDIT = {
    "ORM save()": lambda f: by_orm(lambda: edited(f).save()),
    "queryset.update()": lambda f: by_orm(lambda: PowerFeed.objects.filter(pk=victim.pk).update(**edited_columns(f))),
    "bulk_update()": lambda f: by_orm(lambda: PowerFeed.objects.bulk_update([edited(f)], list(edited_columns(f)))),
    "REST PATCH": lambda f: answer(api("PATCH", f"power-feeds/{victim.pk}", f)),
    "REST PATCH of a list": lambda f: answer(api("PATCH", "power-feeds", [{"id": str(victim.pk), **f}])),
}


def edited_columns(fields):
    return {{"power_panel": "power_panel_id", "destination_panel": "destination_panel_id"}.get(k, k): v for k, v in fields.items()}


def edited(fields):
    feed = PowerFeed.objects.get(pk=victim.pk)
    for column, value in edited_columns(fields).items():
        setattr(feed, column, value)
    return feed


def tell(way, rule, outcome):
    refused, who, status, text = outcome
    report.append((way, rule, who, status, re.sub(r"\s+", " ", text).strip()[:600]))
    return refused


# --- What breaks a rule ---

BAD = {
    "power_feed_breaker_conflict": {"power_panel": N.pk, "breaker_position": 5, "breaker_pole_count": 2},
    "power_feed_breaker_capacity": {"power_panel": N.pk, "breaker_position": 11, "breaker_pole_count": 2},
    "power_feed_breaker_position": {"power_panel": fill.panels["UTIL"].pk, "breaker_position": 1001, "breaker_pole_count": 1},
    "power_feed_destination_self": {"power_panel": N.pk, "destination_panel": N.pk},
    "power_feed_cycle": {"power_panel": Z.pk, "destination_panel": N.pk},
}


def plain(fields):
    return {k: str(v) if isinstance(v, uuid.UUID) else v for k, v in fields.items()}


def state():
    return list(PowerFeed.objects.order_by("pk").values_list("pk", "name", "power_panel", "destination_panel", "breaker_position", "breaker_pole_count"))


def try_bad_feeds():
    before = state()
    for rule, fields in BAD.items():
        for way, create in CREATE.items():
            refused = tell(f"create: {way}", rule, create(plain({"name": "bad", "status": active.pk, **fields})))
            check(refused and state() == before, f"create by {way} is refused: {rule}")
        for way, edit in EDIT.items():
            refused = tell(f"edit: {way}", rule, edit(plain(fields)))
            check(refused and state() == before, f"edit by {way} is refused: {rule}")


def try_bad_panels():
    for rule, count in (("power_feed_breaker_capacity", 4), ("power_panel_circuit_positions", 0)):
        for way, write in {
            "ORM save()": lambda: by_orm(lambda: (setattr(N, "breaker_position_count", count), N.save())),
            "queryset.update()": lambda: by_orm(lambda: PowerPanel.objects.filter(pk=N.pk).update(breaker_position_count=count)),
            "REST PATCH": lambda: answer(api("PATCH", f"power-panels/{N.pk}", {"breaker_position_count": count})),
            "form": lambda: by_form(page("POST", f"/dcim/power-panels/{N.pk}/edit/", {
                "name": "N", "location": str(N.location.pk), "panel_type": "panelboard", "breaker_position_count": count}), ""),
        }.items():
            refused = tell(f"panel: {way}", rule, write())
            N.refresh_from_db()
            check(refused and N.breaker_position_count == 12, f"panel by {way} is refused: {rule}")


def cable_data(feed, port):
    return {"termination_a_type": "dcim.powerfeed", "termination_a_id": str(feed.pk),
            "termination_b_type": "dcim.powerport", "termination_b_id": str(port.pk), "status": str(connected.pk)}


def cable_of(feed, port):
    return Cable(termination_a=feed, termination_b=port, status=connected)


def try_bad_cables():
    rule = "power_feed_destination_or_cable"
    port = new_port()
    before = Cable.objects.count()
    for way, write in {
        "ORM save()": lambda: by_orm(lambda: cable_of(down, port).save()),
        "ORM validated_save()": lambda: by_orm(lambda: cable_of(down, port).validated_save()),
        "REST POST": lambda: answer(api("POST", "cables", cable_data(down, port))),
    }.items():
        check(tell(f"cable: {way}", rule, write()) and Cable.objects.count() == before, f"cable by {way} is refused: {rule}")
    for way, write in {
        "ORM save()": lambda: by_orm(lambda: (setattr(cabled, "destination_panel", Z), cabled.save())),
        "queryset.update()": lambda: by_orm(lambda: PowerFeed.objects.filter(pk=cabled.pk).update(destination_panel=Z)),
        "REST PATCH": lambda: answer(api("PATCH", f"power-feeds/{cabled.pk}", {"destination_panel": str(Z.pk)})),
    }.items():
        refused = tell(f"destination: {way}", rule, write())
        cabled.refresh_from_db()
        check(refused and cabled.destination_panel is None, f"destination by {way} is refused: {rule}")


# --- What is sound ---


def try_sound():
    """In the order of a day: created, edited, moved, cabled, led on, taken away."""
    for i, (way, create) in enumerate(CREATE.items()):
        name = f"sound {i}"
        refused, _, status, text = create(plain({"name": name, "status": active.pk, "power_panel": Z.pk, "breaker_position": i + 1, "breaker_pole_count": 1}))
        check(not refused and PowerFeed.objects.filter(name=name).exists(), f"create by {way} is let in {status} {text[:300] if refused else ''}")
    for i, (way, edit) in enumerate(EDIT.items()):
        refused, _, status, text = edit(plain({"breaker_position": 11 - i % 2, "breaker_pole_count": 1, "comments": way}))
        check(not refused and PowerFeed.objects.get(pk=victim.pk).comments == way, f"edit by {way} is let in {status} {text[:300] if refused else ''}")
    feed = PowerFeed.objects.get(name="sound 0")
    port = new_port()
    for what, method, path, data, status in (
        ("a panel", "POST", "power-panels", {"name": "P9", "location": str(fill.er.pk), "breaker_position_count": 6}, 201),
        ("a panel shrinks to what it holds", "PATCH", f"power-panels/{N.pk}", {"breaker_position_count": 11}, 200),
        ("a panel grows", "PATCH", f"power-panels/{N.pk}", {"breaker_position_count": 12}, 200),
        ("a panel of no number", "PATCH", f"power-panels/{Z.pk}", {"breaker_position_count": None}, 200),
        ("a position without poles", "POST", "power-feeds", {"name": "one pole", "status": str(active.pk), "power_panel": str(Z.pk), "breaker_position": 40}, 201),
        ("a cable", "POST", "cables", cable_data(feed, port), 201),
    ):
        response = api(method, path, data)
        check(response.status_code == status, f"REST {method}, {what}: {response.status_code} {response.text[:300] if response.status_code != status else ''}")
    check(PowerFeed.objects.get(name="one pole").breaker_pole_count == 1, "a position without poles is one pole")
    cable = Cable.objects.get(pk=response.json()["id"])
    for what, method, path, data, status in (
        ("the cable is taken away", "DELETE", f"cables/{cable.pk}", None, 204),
        ("... and the feed leads to a panel", "PATCH", f"power-feeds/{feed.pk}", {"destination_panel": str(fill.panels["LP-2"].pk)}, 200),
        ("... and does not any more", "PATCH", f"power-feeds/{feed.pk}", {"destination_panel": None}, 200),
        ("... and is cabled again", "POST", "cables", cable_data(feed, port), 201),
    ):
        response = api(method, path, data)
        check(response.status_code == status, f"REST {method}, {what}: {response.status_code} {response.text[:300] if response.status_code != status else ''}")
    check(api("DELETE", f"cables/{response.json()['id']}", None).status_code == 204, "REST DELETE, the cable")
    names = [f"sound {i}" for i in range(len(CREATE))] + ["one pole"]
    ids = [{"id": str(pk)} for pk in PowerFeed.objects.filter(name__in=names).values_list("pk", flat=True)]
    response = api("DELETE", "power-feeds", ids)
    check(response.status_code == 204, f"REST DELETE of a list {response.text[:300]}")


# --- Two at once ---


def at_once(*writes):
    """Runs writes at the same moment, and returns what each gave."""
    gate = threading.Barrier(len(writes))
    outcomes = [None] * len(writes)

    def run(i):
        gate.wait()
        outcomes[i] = writes[i]()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(writes))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def race(what, rule, rounds, writes, sound, undo):
    """One of two writes at once must be refused: by Nautobot, which came late enough to see the other, or by the guard.

    Before 3.2 the cable is a column of the feed, and of two who save the feed the second may overwrite what the first has
    set, since Django saves all columns; then nobody is refused, and the row is sound all the same.
    """
    one = kept = by_guard = 0
    for _ in range(rounds):
        outcomes = at_once(*writes)
        refusals = [o for o in map(answer, outcomes) if o[0]]
        one += len(refusals) == 1
        kept += sound()
        for refusal in refusals:
            by_guard += refusal[1] == "guard"
            tell(f"two workers: {what}", rule, refusal)
        undo()
    check(kept == rounds and (one == rounds or (VERSION != "3.2" and "cable" in what)),
          f"two web workers at once, {what}: one is refused in {one} of {rounds} rounds ({by_guard} by the guard), the rule kept in {kept}")
    return by_guard


def try_races(rounds=12):
    feed = {"status": str(active.pk), "power_panel": str(Z.pk)}
    total = race("two breakers overlap", "power_feed_breaker_conflict", rounds, [
        lambda: api("POST", "power-feeds", {"name": "left", "breaker_position": 7, "breaker_pole_count": 3, **feed}, urls[0]),
        lambda: api("POST", "power-feeds", {"name": "right", "breaker_position": 9, "breaker_pole_count": 1, **feed}, urls[1]),
    ], lambda: PowerFeed.objects.filter(name__in=("left", "right")).count() == 1,
        lambda: PowerFeed.objects.filter(name__in=("left", "right")).delete())
    lone = fill.feed("lone", "Z")
    port = new_port()

    def sound():
        feed = PowerFeed.objects.get(pk=lone.pk)
        return not (feed.destination_panel and feed.cable)

    def undo():
        cable = PowerPort.objects.get(pk=port.pk).cable
        if cable:
            cable.delete()
        PowerFeed.objects.filter(pk=lone.pk).update(destination_panel=None)

    total += race("a cable and a destination", "power_feed_destination_or_cable", rounds, [
        lambda: api("POST", "cables", cable_data(lone, port), urls[0]),
        lambda: api("PATCH", f"power-feeds/{lone.pk}", {"destination_panel": str(fill.panels["LP-2"].pk)}, urls[1]),
    ], sound, undo)
    check(total > 0, f"... of which the guard refused {total}, that Nautobot would have let in")


def bulk_worker(args):
    position, names, panel, status = args
    db.connections.close_all()
    written = 0
    for name in names:
        try:
            PowerFeed.objects.bulk_create([PowerFeed(name=name, power_panel_id=panel, status_id=status, breaker_position=position, breaker_pole_count=3)])
            written += 1
        except db.IntegrityError:
            pass
    return written


def try_bulk_workers():
    """Two processes bulk_create() overlapping breakers at the same time; one of each pair gets in."""
    big = fill.panel("big", fill.er, "panelboard", 100)
    db.connections.close_all()
    with multiprocessing.get_context("fork").Pool(2) as pool:
        for start_at in range(1, 60, 6):
            pool.map(bulk_worker, [(start_at, [f"a{start_at}"], big.pk, active.pk), (start_at + 2, [f"b{start_at}"], big.pk, active.pk)], chunksize=1)
    check(PowerFeed.objects.filter(power_panel=big).count() == 10, "bulk_create() by two processes at once: one of each two gets in")


# --- All of it ---

worker = start("celery", "worker", "--concurrency", "2", "--loglevel", "WARNING")
try_bad_feeds()
try_bad_panels()
try_bad_cables()
try_sound()
try_races()
try_bulk_workers()
with open(REPORT, "w", newline="") as file:
    seen = set()
    for row in report:
        if row[:4] not in seen:
            seen.add(row[:4])
            file.write("\t".join(row) + "\n")
if SCREENSHOT:
    import screenshot

    begins, ends = fill.panels["LP-2"], fill.panels["MDP-A"]
    fields = {"name": "Backfeed", "status": active.pk, "power_panel": begins.pk, "destination_panel": ends.pk}
    screenshot.take(urls[0], form_fields(plain(fields)), {str(o.pk): str(o) for o in (begins, ends, active)}, SCREENSHOT)
print(f"# {VERSION}: {sum(1 for r in report if r[2] == 'guard')} refusals by the guard, "
      f"{sum(1 for r in report if r[2] == 'Nautobot')} by Nautobot's own validation")
sys.exit(failed > 0)
