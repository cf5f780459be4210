-- guard() for the tables of a Nautobot.

CREATE FUNCTION guard_nautobot(schema text DEFAULT 'public', not_valid boolean DEFAULT false,
	OUT rule text, OUT severity text, OUT object_type text, OUT object_id uuid,
	OUT object text, OUT detail text)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	feeds regclass := to_regclass(format('%I.dcim_powerfeed', schema));
	panels regclass := to_regclass(format('%I.dcim_powerpanel', schema));
	options jsonb := jsonb_build_object(
		'id', 'id', 'name', 'name', 'panel', 'power_panel_id',
		'position', 'breaker_position', 'poles', 'breaker_pole_count',
		'destination', 'destination_panel_id',
		'panel_id', 'id', 'panel_name', 'name', 'panel_positions', 'breaker_position_count',
		'not_valid', not_valid);
BEGIN
	IF feeds IS NULL OR panels IS NULL THEN
		RAISE EXCEPTION 'schema "%" holds no Nautobot', schema
			USING ERRCODE = 'undefined_table',
				DETAIL = 'It has no tables dcim_powerfeed and dcim_powerpanel.',
				HINT = 'Give the schema that holds the tables of a Nautobot, as in guard_nautobot(''nautobot'').';
	END IF;
	IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = panels AND attname = 'breaker_position_count') THEN
		RAISE EXCEPTION 'the Nautobot of schema "%" knows no breaker positions', schema
			USING ERRCODE = 'undefined_column',
				DETAIL = 'Table dcim_powerpanel has no column breaker_position_count; it came with Nautobot 2.4.15.';
	END IF;
	RETURN QUERY SELECT * FROM powerpanel.guard(feeds, panels, options);
END
$$;
COMMENT ON FUNCTION guard_nautobot(text, boolean) IS
'guard() for the tables of a Nautobot (2.4.15 and later) in a schema of this database. With not_valid it guards new writes where rows break a rule, and returns those. Its panels are numbered across and on a three-phase bus, as Nautobot takes them. From 3.2 on its feeds have no column cable_id, and power_feed_destination_or_cable is left out. unguard() of its dcim_powerfeed takes it away';

REVOKE EXECUTE ON FUNCTION guard_nautobot(text, boolean) FROM PUBLIC;
