# powerpanel: make && make install, as everywhere. script/demo and script/test
# do all the set-up by themselves; see README.md.

EXTENSION = powerpanel
# The one version number is default_version in powerpanel.control.
EXTVERSION := $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" $(dir $(firstword $(MAKEFILE_LIST)))powerpanel.control)

# From the bottom up: the files of a folder see the headers of their own folder
# and of those before it, and of no other, so that a wrong include does not build.
FOLDERS = base position feed rules panel load guard import keep

# For a build beside the sources, as in: make -f ../Makefile
here := $(patsubst %/,%,$(dir $(firstword $(MAKEFILE_LIST))))
sources_of = $(sort $(patsubst $(here)/%.c,%,$(wildcard $(here)/src/$(1)/*.c)))

MODULE_big = powerpanel
OBJS = src/powerpanel.o $(foreach folder,$(FOLDERS),$(addsuffix .o,$(call sources_of,$(folder))))
PG_CPPFLAGS = -DPOWERPANEL_VERSION=\"$(EXTVERSION)\"
# PostgreSQL's own headers have unused parameters.
PG_CFLAGS = -Wall -Wextra -Wno-unused-parameter

# What CREATE EXTENSION installs, in this order.
SQL_PARTS = base/types base/foreign_table position/position_set position/geometry \
	base/location base/rack base/device panel/power_panel feed/feed_column feed/power_feed base/cabling \
	rules/rule feed/derived \
	rules/cabled_feed rules/outlet_bank rules/cycle_trigger rules/placement rules/feed_trigger \
	guard/guard_columns guard/guard_checks guard/guard_triggers guard/guard_violations guard/guard \
	guard/guard_nautobot guard/follow_rename rules/audit \
	panel/panel_hierarchy panel/upstream_downstream panel/panel_positions \
	panel/panel_schedule panel/find_breaker_position panel/finders \
	load/loads load/rack_power load/schedule_text load/suggest_rebalance \
	load/simulate_outage load/simulate_trips load/contingency \
	load/single_points \
	load/power_trace \
	load/device_redundancy \
	load/rack_redundancy \
	load/topology_dot \
	load/panel_headroom \
	load/find_capacity \
	import/import import/import_vanished import/import_write import/import_report import/import_run import/import_netbox import/import_nautobot \
	keep/drop_protection keep/change_warning keep/restore keep/row_security \
	keep/record_row_security keep/keep_always keep/inventory_column keep/index_comments keep/rights keep/config_dump

# The scripts of releases are frozen, and installed from there.
DATA = $(wildcard $(here)/release/*.sql)
script = powerpanel--$(EXTVERSION).sql
DATA_built = $(if $(wildcard $(here)/release/$(script)),,$(script))
EXTRA_CLEAN = $(script) results regression.diffs regression.out output_iso tmp_check log

REGRESS = install $(filter-out install,$(sort $(patsubst $(here)/sql/%.sql,%,$(wildcard $(here)/sql/*.sql))))
# Whatever the encoding and the locale of the server are, those of the tests are these.
REGRESS_OPTS = --inputdir=$(here) --load-extension=plpgsql --encoding=UTF8 --no-locale
ISOLATION = $(sort $(patsubst $(here)/test/specs/%.spec,%,$(wildcard $(here)/test/specs/*.spec)))
ISOLATION_OPTS = --inputdir=$(here)/test
# These start servers of their own and need Perl's IPC::Run, so make
# installcheck leaves them to script/test, or to TAP_TESTS=1.
PROVE_TESTS = $(here)/test/t/*.pl

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

# Each folder with those before it. Bitcode, where PostgreSQL has a JIT, likewise.
include_path = $(if $(1),-I$(here)/src/$(firstword $(1)) $(if $(filter-out $(2),$(firstword $(1))),$(call include_path,$(wordlist 2,99,$(1)),$(2))))
$(foreach folder,$(FOLDERS),$(eval src/$(folder)/%.o src/$(folder)/%.bc: override CPPFLAGS += $(call include_path,$(FOLDERS),$(folder))))
src/powerpanel.o src/powerpanel.bc: override CPPFLAGS += $(FOLDERS:%=-I$(here)/src/%)

# A build beside the sources makes the folders first.
ifneq ($(here),.)
$(shell mkdir -p $(FOLDERS:%=src/%))
endif

$(script): $(SQL_PARTS:%=$(here)/src/%.sql) $(here)/Makefile $(here)/powerpanel.control
	{ echo '-- complain if the script is sourced in psql rather than by CREATE EXTENSION'; \
	  printf '%s\n' '\echo Use "CREATE EXTENSION powerpanel" to load this file. \quit'; \
	  cat $(SQL_PARTS:%=$(here)/src/%.sql); } > $@

$(OBJS): $(wildcard $(here)/src/*/*.h)

# The archive that PGXN takes, of what is committed.
.PHONY: dist
dist:
	git diff --quiet HEAD || { echo 'make dist: commit first' >&2; exit 1; }
	git archive --format=zip --prefix=$(EXTENSION)-$(EXTVERSION)/ -o $(EXTENSION)-$(EXTVERSION).zip HEAD

# Longer runs than script/test has time for; see the scripts.
.PHONY: fuzz valgrind sqlsmith bench mutants networks nautobot netbox majors package-test
fuzz:
	PG_CONFIG='$(PG_CONFIG)' test/fuzz/run
valgrind sqlsmith:
	PG_CONFIG='$(PG_CONFIG)' test/fuzz/$@
# Mistakes that the comparison with the model of loads has to notice; some minutes.
mutants:
	PG_CONFIG='$(PG_CONFIG)' test/mutate/run
# Thousands of random networks against the model, an hour at most.
networks:
	POWER_MODEL_NETWORKS=3000 POWER_MODEL_SECONDS=1800 PG_CONFIG='$(PG_CONFIG)' script/test tap 060_power_model 064_analysis_model
# A real Nautobot, from PyPI, under guard: three versions and an upgrade; the first run
# takes half an hour or more, most of it Nautobot's own migrations.
nautobot:
	PG_CONFIG='$(PG_CONFIG)' test/live/nautobot
# All tests for each PostgreSQL of these pg_configs, PG_CONFIGS='/opt/18/bin/pg_config ...'.
majors:
	script/majors $(PG_CONFIGS)
# The package by the README's commands, on a bare Debian or Ubuntu of that name.
SUITE ?= bookworm
package-test:
	test/chroot/package $(SUITE)
# import_netbox() on a NetBox as it is installed: make netbox NETBOX=/opt/netbox
netbox:
	PG_CONFIG='$(PG_CONFIG)' test/live/netbox
# What the checks cost: some minutes, and a table.
bench:
	PG_CONFIG='$(PG_CONFIG)' test/bench/run
