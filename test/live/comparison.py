"""What the comparisons of an import with its own tool share.

import_netbox() is compared in netbox.py, import_nautobot() in import_nautobot.py. Both
run within their tool, whose Django gives the connection and the client of the REST API.
"""
import json
import sys

from django.contrib.auth import get_user_model
from django.db import connection
from rest_framework.test import APIClient

COLUMNS = ("object_type", "objects_read", "taken", "inserted", "updated", "unchanged", "left_out", "vanished", "deleted", "details")

client = APIClient()
failed = 0


def log_in(name):
    client.force_authenticate(get_user_model().objects.create(username=name, is_superuser=True, is_active=True))


def check(ok, what, *found):
    global failed
    print(("ok   " if ok else "FAIL ") + what, flush=True)
    if not ok:
        failed += 1
        for line in found:
            print("       ", str(line)[:2000], flush=True)


def same(ours, theirs, what):
    """Two dictionaries by the tool's id."""
    differ = [(k, ours.get(k), theirs.get(k)) for k in sorted(set(ours) | set(theirs)) if ours.get(k) != theirs.get(k)]
    check(not differ and theirs, f"{what}: {len(theirs)}", *[f"{k}: here {a}, there {b}" for k, a, b in differ[:10]])


def sql(query, *values):
    with connection.cursor() as cursor:
        cursor.execute(query, values or None)
        return cursor.fetchall() if cursor.description else []


def check_audit():
    check(not sql("SELECT rule, object, detail FROM powerpanel.check_integrity() WHERE severity = 'error'"), "a clean audit")


def told_by_api(url):
    """All objects of a list of the REST API, by id."""
    result = {}
    while url:
        response = client.get(url)
        if response.status_code != 200:
            raise SystemExit(f"{url}: {response.status_code} {response.content[:500]}")
        result.update({thing["id"]: thing for thing in response.json()["results"]})
        url = response.json()["next"]
    return result


def choice(value):
    return (value["value"] if isinstance(value, dict) else value) or None


def id_of(value):
    return value["id"] if value else None


def run_import(function, arguments=""):
    """The report, by object_type."""
    rows = sql(f"SELECT {', '.join(COLUMNS[:-1])}, details::text FROM powerpanel.{function}({arguments})")
    return {row[0]: dict(zip(COLUMNS, (*row[:-1], json.loads(row[-1])))) for row in rows}


def finish(tool, report):
    print("counts:", ", ".join(f"{k} {r['taken']}/{r['objects_read']}" for k, r in report.items()))
    print(f"FAILED: {failed}" if failed else f"all as {tool} has it")
    sys.exit(1 if failed else 0)
