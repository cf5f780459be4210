-- examples/api/roles.sql: powerpanel as a web API, as PostgREST serves a schema.
--
-- Roles, rights and row level security, and functions that tell a client by name
-- which rule refused a write. Run it once, as the owner of the inventory's
-- tables, in a database that has the extension:
--
--	psql -f examples/api/roles.sql mydb
--
-- and give PostgREST, in postgrest.conf:
--
--	db-uri = "postgres://authenticator@/mydb"
--	db-schemas = "powerpanel, power_api"
--	db-anon-role = "anon"
--	db-pre-request = "power_private.pre_request"
--	jwt-secret = "..."

\set ON_ERROR_STOP on
BEGIN;

-- Who -------------------------------------------------------------------------
--
-- PostgREST logs in as authenticator, which may do nothing by itself. For each
-- request it becomes the role that the token names, or anon without a token.
-- None but authenticator may log in: who can send SQL can claim any site.

CREATE ROLE anon NOLOGIN;
CREATE ROLE reader NOLOGIN;
CREATE ROLE editor NOLOGIN;
CREATE ROLE planner NOLOGIN IN ROLE reader, editor;
CREATE ROLE authenticator LOGIN NOINHERIT;
GRANT anon, reader, editor, planner TO authenticator;

COMMENT ON ROLE anon IS 'Without a token: sees the rules and the statuses, nothing of the inventory';
COMMENT ON ROLE reader IS 'Sees the whole inventory; what the analysis is to be asked as';
COMMENT ON ROLE editor IS 'Sees and writes one site, the location that the token''s claim "site" names';
COMMENT ON ROLE planner IS 'Sees the whole inventory, writes one site';

GRANT USAGE ON SCHEMA powerpanel TO anon, reader, editor;
GRANT SELECT ON powerpanel.rule, powerpanel.feed_status TO anon;
GRANT SELECT ON ALL TABLES IN SCHEMA powerpanel TO reader, editor;
GRANT INSERT, UPDATE, DELETE ON powerpanel.location, powerpanel.rack_group, powerpanel.rack, powerpanel.device,
	powerpanel.power_panel, powerpanel.power_feed, powerpanel.power_port, powerpanel.power_bank, powerpanel.power_outlet,
	powerpanel.cable
	TO editor;
-- The functions need no grant: they read with the rights of the one who asks.

-- What belongs to the site of the request ----------------------------------------
--
-- Policies ask these. They are SECURITY DEFINER because a policy of a table
-- cannot read this table without asking itself; what they tell are keys.

CREATE SCHEMA power_private;
COMMENT ON SCHEMA power_private IS 'What the policies and functions of the web API use; not served';
GRANT USAGE ON SCHEMA power_private TO anon, reader, editor;

CREATE FUNCTION power_private.site() RETURNS uuid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'site')::uuid $$;
COMMENT ON FUNCTION power_private.site() IS 'The location that the token''s claim "site" names; NULL without';

CREATE FUNCTION power_private.locations() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
	WITH RECURSIVE here (id) AS (
		SELECT l.id FROM powerpanel.location AS l WHERE l.id = power_private.site()
		UNION
		SELECT l.id FROM powerpanel.location AS l JOIN here ON l.parent_id = here.id)
	SELECT id FROM here
$$;
COMMENT ON FUNCTION power_private.locations() IS 'The site of the request and every location in it';

CREATE FUNCTION power_private.racks() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT id FROM powerpanel.rack WHERE location_id IN (SELECT power_private.locations()) $$;
COMMENT ON FUNCTION power_private.racks() IS 'The racks in the site of the request';

CREATE FUNCTION power_private.devices() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT id FROM powerpanel.device WHERE rack_id IN (SELECT power_private.racks()) $$;
COMMENT ON FUNCTION power_private.devices() IS 'The devices in racks in the site of the request; a device without a rack is in no site';

CREATE FUNCTION power_private.ports() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT id FROM powerpanel.power_port WHERE device_id IN (SELECT power_private.devices()) $$;
COMMENT ON FUNCTION power_private.ports() IS 'The power ports in the site of the request';

CREATE FUNCTION power_private.outlets() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT id FROM powerpanel.power_outlet WHERE device_id IN (SELECT power_private.devices()) $$;
COMMENT ON FUNCTION power_private.outlets() IS 'The power outlets in the site of the request';

CREATE FUNCTION power_private.panels() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT id FROM powerpanel.power_panel WHERE location_id IN (SELECT power_private.locations()) $$;
COMMENT ON FUNCTION power_private.panels() IS 'The panels in the site of the request';

CREATE FUNCTION power_private.feeds() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT id FROM powerpanel.power_feed WHERE power_panel_id IN (SELECT power_private.panels()) $$;
COMMENT ON FUNCTION power_private.feeds() IS 'The feeds that leave panels in the site of the request';

-- Row level security ---------------------------------------------------------------

DO $$
DECLARE
	tab text;
BEGIN
	FOREACH tab IN ARRAY '{location, rack_group, rack, device, power_panel, power_feed, power_port, power_bank, power_outlet, cable}'::text[] LOOP
		EXECUTE format('ALTER TABLE powerpanel.%I ENABLE ROW LEVEL SECURITY', tab);
		EXECUTE format('CREATE POLICY reader ON powerpanel.%I FOR SELECT TO reader USING (true)', tab);
	END LOOP;
END $$;

-- The site itself is seen, not changed. (A location that is new is known by its
-- parent: within the statement that inserts it, locations() does not have it.)
CREATE POLICY editor_sees ON powerpanel.location FOR SELECT TO editor
	USING (id IN (SELECT power_private.locations()) OR parent_id IN (SELECT power_private.locations()));
CREATE POLICY editor ON powerpanel.location TO editor
	USING (parent_id IN (SELECT power_private.locations()));
CREATE POLICY editor ON powerpanel.rack_group TO editor
	USING (location_id IN (SELECT power_private.locations()));
CREATE POLICY editor ON powerpanel.rack TO editor
	USING (location_id IN (SELECT power_private.locations()));
CREATE POLICY editor ON powerpanel.device TO editor
	USING (rack_id IN (SELECT power_private.racks()));
CREATE POLICY editor ON powerpanel.power_panel TO editor
	USING (location_id IN (SELECT power_private.locations()));
CREATE POLICY editor ON powerpanel.power_port TO editor
	USING (device_id IN (SELECT power_private.devices()));
CREATE POLICY editor ON powerpanel.power_bank TO editor
	USING (device_id IN (SELECT power_private.devices()));
CREATE POLICY editor ON powerpanel.power_outlet TO editor
	USING (device_id IN (SELECT power_private.devices()));
-- What joins two things is written by one who may write both.
CREATE POLICY editor ON powerpanel.power_feed TO editor
	USING (power_panel_id IN (SELECT power_private.panels()))
	WITH CHECK (power_panel_id IN (SELECT power_private.panels())
		AND (destination_panel_id IS NULL OR destination_panel_id IN (SELECT power_private.panels()))
		AND (rack_id IS NULL OR rack_id IN (SELECT power_private.racks())));
CREATE POLICY editor ON powerpanel.cable TO editor
	USING (power_port_id IN (SELECT power_private.ports()))
	WITH CHECK (power_port_id IN (SELECT power_private.ports())
		AND (power_feed_id IS NULL OR power_feed_id IN (SELECT power_private.feeds()))
		AND (power_outlet_id IS NULL OR power_outlet_id IN (SELECT power_private.outlets())));

-- Each request ------------------------------------------------------------------------

CREATE FUNCTION power_private.pre_request() RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF pg_has_role('editor', 'MEMBER') AND power_private.site() IS NULL THEN
		RAISE insufficient_privilege USING
			MESSAGE = 'the token names no site',
			HINT = 'An editor''s token has the claim "site": the id of a location.';
	END IF;
END $$;
COMMENT ON FUNCTION power_private.pre_request() IS 'What PostgREST calls before each request: an editor has a site';

-- Which rule it was -----------------------------------------------------------------------
--
-- PostgREST answers a refused write with SQLSTATE, message, detail and hint, but
-- without the constraint name. A client that only shows the error needs no more.
-- One that acts on it writes by a function of power_api, whose errors have the
-- rule's name as "code". Errors that are to be tried again, 40001 and 40P01, go
-- through unchanged.
--
-- To one to whom row level security applies, no error names a row or has a detail
-- of it. What it may tell all the same is asked here, with that one's own rights.

CREATE FUNCTION power_private.refuse(state text, rule text, message text, detail text, hint text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RAISE SQLSTATE 'PGRST' USING
		MESSAGE = jsonb_build_object(
			'code', coalesce(nullif(rule, ''), state),
			'message', message,
			'details', coalesce(nullif(detail, ''), (SELECT r.description FROM powerpanel.rule AS r WHERE r.name = rule)),
			'hint', nullif(hint, '')),
		-- 409: it conflicts with another row, which may change. A row that others refer to
		-- is 23503 up to PostgreSQL 17, 23001 from 18 on
		DETAIL = jsonb_build_object(
			'status', CASE WHEN state IN ('23P01', '23505', '23503', '23001') THEN 409 ELSE 400 END,
			'headers', '{}'::jsonb);
END $$;
COMMENT ON FUNCTION power_private.refuse(text, text, text, text, text) IS
'Raises an error of which PostgREST makes a response with the rule''s name as its code';

CREATE SCHEMA power_api;
COMMENT ON SCHEMA power_api IS 'Writes that tell by which rule they were refused, and those that take more than one row';
GRANT USAGE ON SCHEMA power_api TO editor;

CREATE FUNCTION power_api.add_power_feed(power_panel_id uuid, name text, status text,
	breaker_position integer DEFAULT NULL, breaker_pole_count integer DEFAULT NULL,
	destination_panel_id uuid DEFAULT NULL, rack_id uuid DEFAULT NULL,
	phase powerpanel.phase DEFAULT 'single-phase', voltage integer DEFAULT 120, amperage integer DEFAULT 20)
RETURNS powerpanel.power_feed
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	added powerpanel.power_feed;
	state text;
	rule text;
	message text;
	detail text;
	hint text;
	free integer;
BEGIN
	INSERT INTO powerpanel.power_feed AS f (power_panel_id, name, status, breaker_position, breaker_pole_count,
		destination_panel_id, rack_id, phase, voltage, amperage)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
	RETURNING f.* INTO added;
	RETURN added;
EXCEPTION WHEN integrity_constraint_violation THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, rule = CONSTRAINT_NAME, message = MESSAGE_TEXT,
		detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	IF rule IN ('power_feed_breaker_conflict', 'power_feed_breaker_capacity') AND hint = '' THEN
		free := powerpanel.find_breaker_position(power_panel_id, coalesce(breaker_pole_count, 1));
		hint := CASE WHEN free IS NULL
			THEN format('There is no free place for a %s-pole breaker on this panel. Use another panel, or move or delete a breaker first.', coalesce(breaker_pole_count, 1))
			ELSE format('The first free place for a %s-pole breaker on this panel starts at position %s.',
				coalesce(breaker_pole_count, 1), free) END;
	END IF;
	PERFORM power_private.refuse(state, rule, message, detail, hint);
END $$;
COMMENT ON FUNCTION power_api.add_power_feed(uuid, text, text, integer, integer, uuid, uuid, powerpanel.phase, integer, integer) IS
'Adds a power feed and answers with it. An error has the name of the rule as its code';

CREATE FUNCTION power_api.swap_breakers(one uuid, other uuid) RETURNS SETOF powerpanel.power_feed
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	state text;
	rule text;
	message text;
	detail text;
	hint text;
BEGIN
	RETURN QUERY
		UPDATE powerpanel.power_feed AS f
		SET power_panel_id = o.power_panel_id, breaker_position = o.breaker_position
		FROM powerpanel.power_feed AS o
		WHERE f.id IN (one, other) AND o.id IN (one, other) AND f.id <> o.id
		RETURNING f.*;
EXCEPTION WHEN integrity_constraint_violation THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, rule = CONSTRAINT_NAME, message = MESSAGE_TEXT,
		detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	PERFORM power_private.refuse(state, rule, message, detail, hint);
END $$;
COMMENT ON FUNCTION power_api.swap_breakers(uuid, uuid) IS
'Two power feeds change places; answers with both, or with nothing where the request may not see both. An error has the name of the rule as its code';

-- A function is everybody's until that is revoked.
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA power_api, power_private FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA power_api, power_private TO editor;
GRANT EXECUTE ON FUNCTION power_private.pre_request(), power_private.site() TO anon, reader;

COMMIT;
