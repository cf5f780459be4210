# powerpanel: make && make install, as everywhere. script/demo and script/test
# do all the set-up by themselves; see README.md.

EXTENSION = powerpanel
# The one version number is default_version in powerpanel.control.
EXTVERSION := $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" powerpanel.control)

MODULE_big = powerpanel
OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/*.c)))
PG_CPPFLAGS = -I$(srcdir)/src -DPOWERPANEL_VERSION=\"$(EXTVERSION)\"
# PostgreSQL's own headers have unused parameters.
PG_CFLAGS = -Wall -Wextra -Wno-unused-parameter

# What CREATE EXTENSION installs, in this order.
SQL_PARTS = types position_set geometry \
	location rack device power_panel power_feed cabling \
	rule rule_sqlstate derived checks feed_triggers guard integrity \
	panel_hierarchy panel_graph panel_positions panel_schedule find_breaker_position \
	analysis rack_power import import_write import_report import_netbox import_nautobot \
	guard_ddl restore row_security record_row_security keep_always always rights config_dump comments

# What ALTER EXTENSION UPDATE does from the last release: what that release had
# and this one has not goes, then come the parts that are new or made anew, and
# those whose functions are replaced.
LAST_RELEASE = 1.1.0
UPGRADE_PARTS = upgrade/$(LAST_RELEASE) rule_sqlstate feed_triggers guard \
	import import_write import_report import_netbox import_nautobot comments
REPLACED_PARTS = integrity record_row_security keep_always

DATA_built = powerpanel--$(EXTVERSION).sql powerpanel--$(LAST_RELEASE)--$(EXTVERSION).sql
# The scripts of releases are frozen.
DATA = $(wildcard release/*.sql)
EXTRA_CLEAN = $(DATA_built) results regression.diffs regression.out output_iso tmp_check log

REGRESS = install $(filter-out install,$(sort $(patsubst sql/%.sql,%,$(wildcard sql/*.sql))))
REGRESS_OPTS = --inputdir=. --load-extension=plpgsql
ISOLATION = $(sort $(patsubst test/specs/%.spec,%,$(wildcard test/specs/*.spec)))
ISOLATION_OPTS = --inputdir=test
# These start servers of their own and need Perl's IPC::Run, so make
# installcheck leaves them to script/test, or to TAP_TESTS=1.
PROVE_TESTS = test/t/*.pl

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

powerpanel--$(EXTVERSION).sql: $(SQL_PARTS:%=src/sql/%.sql) Makefile powerpanel.control
	{ echo '-- complain if the script is sourced in psql rather than by CREATE EXTENSION'; \
	  printf '%s\n' '\echo Use "CREATE EXTENSION powerpanel" to load this file. \quit'; \
	  cat $(SQL_PARTS:%=src/sql/%.sql); } > $@

powerpanel--$(LAST_RELEASE)--$(EXTVERSION).sql: $(UPGRADE_PARTS:%=src/sql/%.sql) $(REPLACED_PARTS:%=src/sql/%.sql) Makefile powerpanel.control
	{ echo '-- complain if the script is sourced in psql rather than by ALTER EXTENSION'; \
	  printf '%s\n' "\echo Use \"ALTER EXTENSION powerpanel UPDATE TO '$(EXTVERSION)'\" to load this file. \quit"; \
	  cat $(UPGRADE_PARTS:%=src/sql/%.sql); \
	  sed 's/^CREATE FUNCTION/CREATE OR REPLACE FUNCTION/' $(REPLACED_PARTS:%=src/sql/%.sql); } > $@

$(OBJS): $(wildcard src/*.h)

# The archive that PGXN takes, of what is committed.
.PHONY: dist
dist:
	git diff --quiet HEAD || { echo 'make dist: commit first' >&2; exit 1; }
	git archive --format=zip --prefix=$(EXTENSION)-$(EXTVERSION)/ -o $(EXTENSION)-$(EXTVERSION).zip HEAD

# Longer runs than script/test has time for; see the scripts.
.PHONY: fuzz valgrind sqlsmith bench
fuzz:
	PG_CONFIG='$(PG_CONFIG)' test/fuzz/run
valgrind sqlsmith:
	PG_CONFIG='$(PG_CONFIG)' test/fuzz/$@
# What the checks cost: some minutes, and a table.
bench:
	PG_CONFIG='$(PG_CONFIG)' test/bench/run
