-- From 1.1.0: what that release had and this one has not.

COMMENT ON FUNCTION checked_rules() IS 'Part of the view rule: the rules that are checked in C, their names, severities and descriptions';
COMMENT ON FUNCTION checked_violations(text[]) IS
'Part of check_integrity: the rules that are checked in C. Raises 42501 to one who may not read all rows of the inventory';
COMMENT ON FUNCTION constraint_violations(text[]) IS
'Part of check_integrity: the rules that foreign keys and CHECKs state';
COMMENT ON FUNCTION restore_row_security(powerpanel_dump.row_security[]) IS
'Part of restoring a dump: makes the row level security that these rows tell of, where it is not there; warns where the current user does not own the table';
