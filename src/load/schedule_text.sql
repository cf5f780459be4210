CREATE FUNCTION panel_schedule_text(panel uuid) RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION panel_schedule_text(uuid) IS
'The schedule of a panel as an electrician prints it: what feeds it; odd positions left, even right, the phase between, the poles of a breaker joined; the load of each circuit in VA (on a dc bus in W), by powerpanel.load_basis, and the panel that it feeds; circuits without a position below; the connected load of each phase in VA and A, and against the main breaker. Lines have 100 columns at most, and a column of more than 60 positions has one line for spaces in a row, so that it fits a page. What is not energized has its status beside it and is not added. NULL gives NULL. Raises 22023 where there is no such panel, 55000 where the network has a loop';
