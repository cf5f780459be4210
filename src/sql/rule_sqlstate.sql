-- Those of CHECKs and foreign keys are PostgreSQL's; docs/reference.md shows all.

CREATE FUNCTION checked_rule_sqlstate(rule text) RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION checked_rule_sqlstate(text) IS
'Part of the reference: the SQLSTATE by which a rule that is checked in C refuses; NULL for a warning, and for what is no such rule';
