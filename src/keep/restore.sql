-- pg_restore -j loads tables in an order of its own; see restore.c.

CREATE FUNCTION load_in_any_order() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION load_in_any_order() IS
'Trigger: where a superuser restores a dump into a table that was empty, does without foreign keys and checks for the rest of the transaction, because with -j the tables come in any order. check_integrity() tells whether all came';

CREATE TRIGGER load_in_any_order BEFORE INSERT ON location
FOR EACH STATEMENT EXECUTE FUNCTION load_in_any_order();
COMMENT ON TRIGGER load_in_any_order ON location IS 'Lets pg_restore -j load the tables in any order';

CREATE TRIGGER load_in_any_order BEFORE INSERT ON rack_group
FOR EACH STATEMENT EXECUTE FUNCTION load_in_any_order();
COMMENT ON TRIGGER load_in_any_order ON rack_group IS 'Lets pg_restore -j load the tables in any order';

CREATE TRIGGER load_in_any_order BEFORE INSERT ON rack
FOR EACH STATEMENT EXECUTE FUNCTION load_in_any_order();
COMMENT ON TRIGGER load_in_any_order ON rack IS 'Lets pg_restore -j load the tables in any order';

CREATE TRIGGER load_in_any_order BEFORE INSERT ON device
FOR EACH STATEMENT EXECUTE FUNCTION load_in_any_order();
COMMENT ON TRIGGER load_in_any_order ON device IS 'Lets pg_restore -j load the tables in any order';

CREATE TRIGGER load_in_any_order BEFORE INSERT ON power_panel
FOR EACH STATEMENT EXECUTE FUNCTION load_in_any_order();
COMMENT ON TRIGGER load_in_any_order ON power_panel IS 'Lets pg_restore -j load the tables in any order';

CREATE TRIGGER load_in_any_order BEFORE INSERT ON power_feed
FOR EACH STATEMENT EXECUTE FUNCTION load_in_any_order();
COMMENT ON TRIGGER load_in_any_order ON power_feed IS 'Lets pg_restore -j load the tables in any order';

CREATE TRIGGER load_in_any_order BEFORE INSERT ON power_port
FOR EACH STATEMENT EXECUTE FUNCTION load_in_any_order();
COMMENT ON TRIGGER load_in_any_order ON power_port IS 'Lets pg_restore -j load the tables in any order';

CREATE TRIGGER load_in_any_order BEFORE INSERT ON power_bank
FOR EACH STATEMENT EXECUTE FUNCTION load_in_any_order();
COMMENT ON TRIGGER load_in_any_order ON power_bank IS 'Lets pg_restore -j load the tables in any order';

CREATE TRIGGER load_in_any_order BEFORE INSERT ON power_outlet
FOR EACH STATEMENT EXECUTE FUNCTION load_in_any_order();
COMMENT ON TRIGGER load_in_any_order ON power_outlet IS 'Lets pg_restore -j load the tables in any order';

CREATE TRIGGER load_in_any_order BEFORE INSERT ON cable
FOR EACH STATEMENT EXECUTE FUNCTION load_in_any_order();
COMMENT ON TRIGGER load_in_any_order ON cable IS 'Lets pg_restore -j load the tables in any order';
