-- Ids by name, or by path: see finders.c.

CREATE FUNCTION location_id(name text) RETURNS uuid
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION location_id(text) IS
'The location of this name, or at the end of whose path (''DC1 > Hall 1'') this stands; one that is all of a path goes first. NULL for NULL. Raises 22023 where there is none, or several';

CREATE FUNCTION rack_id(name text) RETURNS uuid
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rack_id(text) IS
'The rack of this name, or at the end of whose path (''DC1 > Hall 1 > R1'') this stands; one that is all of a path goes first. NULL for NULL. Raises 22023 where there is none, or several';

CREATE FUNCTION panel_id(name text) RETURNS uuid
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION panel_id(text) IS
'The power panel of this name, or at the end of whose path (''DC1 > Electrical Room A > LP-1'') this stands; one that is all of a path goes first. NULL for NULL. Raises 22023 where there is none, or several';

CREATE FUNCTION feed_id(name text) RETURNS uuid
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION feed_id(text) IS
'The power feed of this name, or at the end of whose path (''DC1 > Electrical Room A > LP-1 > Sign'') this stands; one that is all of a path goes first. NULL for NULL. Raises 22023 where there is none, or several';

CREATE FUNCTION device_id(name text) RETURNS uuid
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION device_id(text) IS
'The device of this name, or at the end of whose path (''DC1 > Hall 1 > R1 > srv-7'') this stands; one that is all of a path goes first. NULL for NULL. Raises 22023 where there is none, or several';
