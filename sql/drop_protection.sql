-- Drop protection: DROP EXTENSION is refused while there is something to lose; changes
-- that pg_dump will not carry are warned about
SET search_path = powerpanel, pg_temp;
INSERT INTO location (name) VALUES ('Site');
DROP EXTENSION powerpanel;
DROP SCHEMA powerpanel CASCADE;
DROP SCHEMA powerpanel_internal CASCADE;
DROP TABLE cable;
-- ... not where the inventory is empty, nor where one insists
SET client_min_messages = warning;
BEGIN;
DELETE FROM location;
DROP EXTENSION powerpanel;
ROLLBACK;
BEGIN;
SET LOCAL powerpanel.allow_drop = on;
DROP EXTENSION powerpanel;
ROLLBACK;
DELETE FROM location;
RESET client_min_messages;

-- Changes of the tables
BEGIN;
SAVEPOINT a;
ALTER TABLE rack ADD height int;
ROLLBACK TO a;
SET LOCAL powerpanel.allow_change = on;
ALTER TABLE rack ADD height int;
CREATE INDEX ON device (name);
ROLLBACK;
BEGIN;
CREATE TABLE public.rack (name text);
ALTER TABLE public.rack ADD height int;
CREATE INDEX ON public.rack (name);
ROLLBACK;
