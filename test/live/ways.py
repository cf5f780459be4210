"""Every way into a guarded Nautobot, tried with writes that break a rule and with sound ones.

    ways.py VERSION REPORT [SCREENSHOT]

Each refusal is written to REPORT: the way, the rule, who refused (Nautobot's own validation, or the guard), the status
or exception, and the text. What is refused must not be there afterwards, and what is sound must be let in.
"""

import csv
import io
import re
import sys
import threading

import orm_ways as orm
from live_nautobot import start, start_web
from orm_ways import CABLE, CREATE, DESTINATION, EDIT, PANEL, N, VERSION, Z, active, check, connected, new_port, plain, report, tell, victim

import requests
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from nautobot.dcim.models import Cable, PowerFeed, PowerPort
from nautobot.extras.models import Job, JobResult
from nautobot.users.models import Token

import fill

REPORT = sys.argv[2]
SCREENSHOT = sys.argv[3] if len(sys.argv) > 3 else None


# --- Who asks ---

user = get_user_model().objects.create_superuser("admin", "admin@example.com", "admin")
token = Token.objects.create(user=user)
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


# --- The ways in beside the ORM. Each gives (refused, by whom, status, text). ---

RULES = re.compile(
    r"breaker of power feed .* (conflicts with|does not fit on|has too many poles)|closes a loop of power panels"
    r"|cannot have both a destination panel and a cable|violates check constraint \"(power_\w+)\""
)


def told_by(text):
    return "guard" if RULES.search(text) else "Nautobot"


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


def cable_data(feed, port):
    return {"termination_a_type": "dcim.powerfeed", "termination_a_id": str(feed.pk),
            "termination_b_type": "dcim.powerport", "termination_b_id": str(port.pk), "status": str(connected.pk)}


CREATE.update({
    "REST POST": lambda f: answer(api("POST", "power-feeds", f)),
    "REST POST of a list": lambda f: answer(api("POST", "power-feeds", [f])),
    "REST POST of CSV": csv_by_api,
    "CSV import (a job)": csv_by_job,
    "form": lambda f: by_form(page("POST", "/dcim/power-feeds/add/", form_fields(f)), "the form again"),
})
EDIT.update({
    "REST PATCH": lambda f: answer(api("PATCH", f"power-feeds/{victim.pk}", f)),
    "REST PATCH of a list": lambda f: answer(api("PATCH", "power-feeds", [{"id": str(victim.pk), **f}])),
})
PANEL.update({
    "REST PATCH": lambda n: answer(api("PATCH", f"power-panels/{N.pk}", {"breaker_position_count": n})),
    "form": lambda n: by_form(page("POST", f"/dcim/power-panels/{N.pk}/edit/", {
        "name": "N", "location": str(N.location.pk), "panel_type": "panelboard", "breaker_position_count": n}), ""),
})
CABLE["REST POST"] = lambda feed, port: answer(api("POST", "cables", cable_data(feed, port)))
DESTINATION["REST PATCH"] = lambda feed, panel: answer(api("PATCH", f"power-feeds/{feed.pk}", {"destination_panel": str(panel.pk)}))


# --- What is sound ---


def try_sound():
    """In the order of a day: created, edited, moved, cabled, led on, taken away."""
    orm.try_sound()
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


# --- All of it ---

worker = start("celery", "worker", "--concurrency", "2", "--loglevel", "WARNING")
orm.try_bad_feeds()
orm.try_bad_panels()
orm.try_bad_cables()
try_sound()
orm.try_sound_changes()
try_races()
orm.try_two_processes()
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
print(orm.refusals())
sys.exit(orm.failed > 0)
