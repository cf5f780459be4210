-- Ids by name, or by path: see finders.c.

CREATE FUNCTION location_id(name text) RETURNS uuid
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION location_id(text) IS
'The location whose path is this (''DC1 > Hall 1''), or ends with it (''Hall 1''); a whole path goes before an end of one. NULL for NULL. Raises 22023 where there is none, or several';

CREATE FUNCTION rack_id(name text) RETURNS uuid
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rack_id(text) IS
'The rack whose path is this (''DC1 > Hall 1 > R1''), or ends with it (''R1''); a whole path goes before an end of one. NULL for NULL. Raises 22023 where there is none, or several';

CREATE FUNCTION panel_id(name text) RETURNS uuid
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION panel_id(text) IS
'The power panel whose path is this (''DC1 > Electrical Room A > LP-1''), or ends with it (''LP-1''); a whole path goes before an end of one. NULL for NULL. Raises 22023 where there is none, or several';

CREATE FUNCTION feed_id(name text) RETURNS uuid
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION feed_id(text) IS
'The power feed whose path is this (''DC1 > Electrical Room A > LP-1 > Sign''), or ends with it (''Sign''); a whole path goes before an end of one. NULL for NULL. Raises 22023 where there is none, or several';

CREATE FUNCTION device_id(name text) RETURNS uuid
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION device_id(text) IS
'The device whose path is this (''DC1 > Hall 1 > R1 > srv-7''), or ends with it (''srv-7''); a whole path goes before an end of one. NULL for NULL. Raises 22023 where there is none, or several';
