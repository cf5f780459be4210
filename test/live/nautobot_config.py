"""Settings of the Nautobot of the live test: the private PostgreSQL and Redis of the run, and nothing else.

LIVE_SOCKETS is the folder of their sockets, LIVE_PORT the port of PostgreSQL where it is not 5432, LIVE_DATABASE the
database, LIVE_FILES where Nautobot may put files. With LIVE_ORM there is no Redis, and `migrate --run-syncdb` makes the
tables from the models, without the migrations.
"""

import os

from django.core.cache.backends.dummy import DummyCache
from nautobot.core.settings import *  # noqa: F403

_sockets = os.environ["LIVE_SOCKETS"]
_files = os.environ["LIVE_FILES"]
_redis = "unix://" + os.path.join(_sockets, "redis.sock")

SECRET_KEY = "of a database that is thrown away, and reached by a socket only"
ALLOWED_HOSTS = ["*"]
DEBUG = False
NAUTOBOT_ROOT = _files
MEDIA_ROOT = os.path.join(_files, "media")
STATIC_ROOT = os.path.join(_files, "static")
GIT_ROOT = os.path.join(_files, "git")
JOBS_ROOT = os.path.join(_files, "jobs")
INSTALLATION_METRICS_ENABLED = False
PLUGINS = []
METRICS_ENABLED = False

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ.get("LIVE_DATABASE", "nautobot"),
        "USER": "nautobot",
        "HOST": _sockets,
        "PORT": os.environ.get("LIVE_PORT", "5432"),
        "CONN_MAX_AGE": 0,
        # `nautobot-server test` takes a database that is there already, with its guard on
        "TEST": {"NAME": "test_nautobot"},
    }
}
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": _redis + "?db=1",
        "TIMEOUT": 300,
        "OPTIONS": {"CLIENT_CLASS": "django_redis.client.DefaultClient"},
    }
}
CELERY_BROKER_URL = "redis+socket://" + os.path.join(_sockets, "redis.sock") + "?virtual_host=2"
CELERY_RESULT_BACKEND = "nautobot.core.celery.backends.NautobotDatabaseBackend"
CONTENT_TYPE_CACHE_TIMEOUT = 0
# Errors are answers, and are looked at there.
LOGGING = {"version": 1, "disable_existing_loggers": True}

if os.environ.get("LIVE_TESTS"):
    # as Nautobot's own configuration for its tests has it (nautobot/core/tests/nautobot_config.py)
    ALLOWED_HOSTS = ["nautobot.example.com"]
    CONSTANCE_BACKEND = "constance.backends.memory.MemoryBackend"
    TEST_USE_FACTORIES = True
    TEST_FACTORY_SEED = "Nautobot"
    CELERY_TASK_ALWAYS_EAGER = True
    CELERY_TASK_STORE_EAGER_RESULT = True
    CELERY_BROKER_URL = "memory://"
    METRICS_ENABLED = True
    METRICS_AUTHENTICATED = True
    OTEL_TRACES_EXPORTER = ["none"]
    OTEL_METRICS_EXPORTER = ["none"]


class NoCache(DummyCache):
    def delete_pattern(self, pattern, **kwargs):
        return 0


class NoMigrations:
    def __contains__(self, app):
        return True

    def __getitem__(self, app):
        return None


if os.environ.get("LIVE_ORM"):
    CACHES = {"default": {"BACKEND": __name__ + ".NoCache"}}
    CELERY_BROKER_URL = "memory://"
    MIGRATION_MODULES = NoMigrations()
