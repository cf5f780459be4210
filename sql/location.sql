-- location: location_cycle, the location of racks and panels and of their rack
-- groups, and of feeds and racks, from every side
SET search_path = powerpanel, pg_temp;
BEGIN;
INSERT INTO location (name) VALUES ('Region'), ('Elsewhere');
INSERT INTO location (name, parent_id) VALUES ('Site', test.location('Region'));
INSERT INTO location (name, parent_id) VALUES ('Room', test.location('Site')), ('Other room', test.location('Site'));
INSERT INTO location (name, parent_id) VALUES ('Cage', test.location('Room'));
CREATE FUNCTION pg_temp.tried(VARIADIC statements text[]) RETURNS TABLE (statement text, result text)
LANGUAGE sql AS $$ SELECT s, test.trial(s) FROM unnest(statements) WITH ORDINALITY AS u (s, n) ORDER BY n $$;

-- location_cycle
SELECT * FROM pg_temp.tried(
	'UPDATE location SET parent_id = id WHERE name = ''Cage''',
	'UPDATE location SET parent_id = id WHERE name = ''Elsewhere''',
	'UPDATE location SET parent_id = test.location(''Cage'') WHERE name = ''Region''',
	'UPDATE location SET parent_id = test.location(''Cage'') WHERE name = ''Room''',
	'UPDATE location SET parent_id = test.location(''Cage'') WHERE name = ''Elsewhere''',
	'UPDATE location SET parent_id = test.location(''Elsewhere'') WHERE name = ''Site''',
	'UPDATE location SET parent_id = NULL WHERE name = ''Site''',
	'INSERT INTO location (id, name, parent_id) VALUES (md5(''x'')::uuid, ''x'', md5(''x'')::uuid)',
	'INSERT INTO location (id, name, parent_id) VALUES (md5(''x'')::uuid, ''x'', md5(''y'')::uuid), (md5(''y'')::uuid, ''y'', md5(''x'')::uuid)',
	'INSERT INTO location (id, name, parent_id) VALUES (md5(''x'')::uuid, ''x'', md5(''y'')::uuid), (md5(''y'')::uuid, ''y'', test.location(''Cage''))',
	'WITH a AS (INSERT INTO location (id, name, parent_id) VALUES (md5(''x'')::uuid, ''x'', test.location(''Cage''))) UPDATE location SET parent_id = md5(''x'')::uuid WHERE name = ''Site''');
SELECT test.trial_error('UPDATE location SET parent_id = test.location(''Cage'') WHERE name = ''Site''') AS loop_written_out;
-- ... one UPDATE turns a chain round, legally, and closes a loop, illegally
SAVEPOINT before;
UPDATE location SET parent_id = CASE name WHEN 'Region' THEN test.location('Site') WHEN 'Site' THEN test.location('Room') END WHERE name IN ('Region', 'Site', 'Room');
SELECT l.name, p.name AS parent FROM location l LEFT JOIN location p ON p.id = l.parent_id ORDER BY l.name;
ROLLBACK TO before;
SELECT * FROM pg_temp.tried('UPDATE location SET parent_id = CASE name WHEN ''Region'' THEN test.location(''Site'') WHEN ''Site'' THEN test.location(''Room'') ELSE test.location(''Region'') END WHERE name IN (''Region'', ''Site'', ''Room'')');
-- ... and DEFERRED
SET CONSTRAINTS ALL DEFERRED;
UPDATE location SET parent_id = test.location('Site') WHERE name = 'Region';
UPDATE location SET parent_id = NULL WHERE name = 'Site';
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK TO before;
SET CONSTRAINTS ALL DEFERRED;
UPDATE location SET parent_id = test.location('Site') WHERE name = 'Region';
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK TO before;

-- Rack groups: a rack or a panel stands in its group's location or below
INSERT INTO rack_group (name, location_id) VALUES ('Region group', test.location('Region')), ('Site group', test.location('Site')),
	('Room group', test.location('Room')), ('Cage group', test.location('Cage')), ('Elsewhere group', test.location('Elsewhere'));
SELECT g.name AS rack_group, l.name AS location,
	test.trial(format('INSERT INTO rack (name, location_id, rack_group_id) VALUES (''x'', %L, %L)', l.id, g.id)) AS rack,
	test.trial(format('INSERT INTO power_panel (name, location_id, rack_group_id) VALUES (''x'', %L, %L)', l.id, g.id)) AS panel
FROM rack_group g, location l WHERE g.name IN ('Site group', 'Cage group', 'Elsewhere group') ORDER BY g.name COLLATE "C", l.name COLLATE "C";
INSERT INTO rack (name, location_id, rack_group_id) VALUES ('Rack', test.location('Room'), test.rack_group('Site group')), ('Loose rack', test.location('Elsewhere'), NULL);
INSERT INTO power_panel (name, location_id, rack_group_id) VALUES ('Panel', test.location('Room'), test.rack_group('Site group')), ('Loose panel', test.location('Elsewhere'), NULL);
SELECT * FROM pg_temp.tried(
	'UPDATE rack SET location_id = test.location(''Elsewhere'') WHERE name = ''Rack''',
	'UPDATE rack SET location_id = test.location(''Region'') WHERE name = ''Rack''',
	'UPDATE rack SET location_id = test.location(''Site'') WHERE name = ''Rack''',
	'UPDATE rack SET location_id = test.location(''Cage'') WHERE name = ''Rack''',
	'UPDATE rack SET rack_group_id = test.rack_group(''Elsewhere group'') WHERE name = ''Rack''',
	'UPDATE rack SET rack_group_id = test.rack_group(''Cage group'') WHERE name = ''Rack''',
	'UPDATE rack SET rack_group_id = test.rack_group(''Room group'') WHERE name = ''Rack''',
	'UPDATE rack SET rack_group_id = NULL, location_id = test.location(''Elsewhere'') WHERE name = ''Rack''',
	'UPDATE rack SET rack_group_id = test.rack_group(''Site group'') WHERE name = ''Loose rack''',
	'UPDATE rack SET rack_group_id = test.rack_group(''Elsewhere group'') WHERE name = ''Loose rack''',
	'UPDATE rack SET rack_group_id = test.rack_group(''Elsewhere group''), location_id = test.location(''Elsewhere'') WHERE name = ''Rack''');
SELECT * FROM pg_temp.tried(
	'UPDATE power_panel SET location_id = test.location(''Elsewhere'') WHERE name = ''Panel''',
	'UPDATE power_panel SET location_id = test.location(''Cage'') WHERE name = ''Panel''',
	'UPDATE power_panel SET rack_group_id = test.rack_group(''Elsewhere group'') WHERE name = ''Panel''',
	'UPDATE power_panel SET rack_group_id = test.rack_group(''Room group'') WHERE name = ''Panel''',
	'UPDATE power_panel SET rack_group_id = test.rack_group(''Region group'') WHERE name = ''Loose panel''',
	'UPDATE power_panel SET rack_group_id = NULL, location_id = test.location(''Elsewhere'') WHERE name = ''Panel''');
-- ... the group moves, or the locations around it
SELECT * FROM pg_temp.tried(
	'UPDATE rack_group SET location_id = test.location(''Elsewhere'') WHERE name = ''Site group''',
	'UPDATE rack_group SET location_id = test.location(''Other room'') WHERE name = ''Site group''',
	'UPDATE rack_group SET location_id = test.location(''Room'') WHERE name = ''Site group''',
	'UPDATE rack_group SET location_id = test.location(''Region'') WHERE name = ''Site group''',
	'UPDATE rack_group SET location_id = test.location(''Elsewhere'') WHERE name = ''Room group''',
	'UPDATE location SET parent_id = test.location(''Elsewhere'') WHERE name = ''Room''',
	'UPDATE location SET parent_id = NULL WHERE name = ''Room''',
	'UPDATE location SET parent_id = test.location(''Other room'') WHERE name = ''Room''',
	'UPDATE location SET parent_id = test.location(''Elsewhere'') WHERE name = ''Site''',
	'DELETE FROM power_panel WHERE name = ''Panel''; UPDATE rack_group SET location_id = test.location(''Elsewhere'') WHERE name = ''Site group''',
	'DELETE FROM rack WHERE name = ''Rack''; UPDATE rack_group SET location_id = test.location(''Elsewhere'') WHERE name = ''Site group''',
	'DELETE FROM power_panel WHERE name = ''Panel''; UPDATE location SET parent_id = test.location(''Elsewhere'') WHERE name = ''Room''',
	'DELETE FROM rack WHERE name = ''Rack''; UPDATE location SET parent_id = test.location(''Elsewhere'') WHERE name = ''Room''',
	'WITH g AS (UPDATE rack_group SET location_id = test.location(''Elsewhere'') WHERE name = ''Site group''), p AS (DELETE FROM power_panel WHERE name = ''Panel'') UPDATE rack SET location_id = test.location(''Elsewhere'') WHERE name = ''Rack''');
SELECT test.trial_error('UPDATE rack SET location_id = test.location(''Elsewhere'') WHERE name = ''Rack''') AS rack;
SELECT test.trial_error('DELETE FROM rack WHERE name = ''Rack''; UPDATE rack_group SET location_id = test.location(''Elsewhere'') WHERE name = ''Site group''') AS panel_of_moved_group;
SELECT test.trial_error('UPDATE location SET parent_id = test.location(''Elsewhere'') WHERE name = ''Room''') ~ '^23514 (rack|power_panel)_rack_group_location on' AS moved_location;

-- Feeds: rack and panel in one tree
UPDATE rack SET rack_group_id = NULL;
UPDATE power_panel SET rack_group_id = NULL;
INSERT INTO rack (name, location_id) SELECT 'Rack in ' || name, id FROM location WHERE name <> 'Room';
INSERT INTO power_panel (name, location_id) SELECT 'Panel in ' || name, id FROM location WHERE name <> 'Room';
SELECT p.name AS panel, r.name AS rack,
	test.trial(format('INSERT INTO power_feed (name, power_panel_id, rack_id, status) VALUES (''x'', %L, %L, ''active'')', p.id, r.id)) AS result
FROM power_panel p, rack r WHERE p.name IN ('Panel', 'Panel in Region', 'Panel in Elsewhere') AND r.name <> 'Loose rack' ORDER BY p.name COLLATE "C", r.name COLLATE "C";
INSERT INTO power_feed (name, power_panel_id, rack_id, status) VALUES ('Feed', test.panel('Panel'), test.rack('Rack'), 'planned'), ('Loose feed', test.panel('Loose panel'), NULL, 'active');
SELECT * FROM pg_temp.tried(
	'UPDATE power_feed SET rack_id = test.rack(''Rack in Elsewhere'') WHERE name = ''Feed''',
	'UPDATE power_feed SET rack_id = test.rack(''Rack in Other room'') WHERE name = ''Feed''',
	'UPDATE power_feed SET rack_id = test.rack(''Rack in Cage'') WHERE name = ''Feed''',
	'UPDATE power_feed SET rack_id = test.rack(''Rack in Region'') WHERE name = ''Feed''',
	'UPDATE power_feed SET power_panel_id = test.panel(''Panel in Elsewhere'') WHERE name = ''Feed''',
	'UPDATE power_feed SET power_panel_id = test.panel(''Panel in Other room'') WHERE name = ''Feed''',
	'UPDATE power_feed SET power_panel_id = test.panel(''Panel in Site'') WHERE name = ''Feed''',
	'UPDATE power_feed SET rack_id = test.rack(''Rack in Other room'') WHERE name = ''Loose feed''',
	'UPDATE power_feed SET rack_id = test.rack(''Rack in Elsewhere'') WHERE name = ''Loose feed''',
	'UPDATE power_feed SET power_panel_id = test.panel(''Panel in Elsewhere''), rack_id = test.rack(''Rack in Elsewhere'') WHERE name = ''Feed''',
	'UPDATE rack SET location_id = test.location(''Elsewhere'') WHERE name = ''Rack''',
	'UPDATE rack SET location_id = test.location(''Other room'') WHERE name = ''Rack''',
	'UPDATE rack SET location_id = test.location(''Site'') WHERE name = ''Rack''',
	'UPDATE rack SET location_id = test.location(''Cage'') WHERE name = ''Rack''',
	'UPDATE power_panel SET location_id = test.location(''Elsewhere'') WHERE name = ''Panel''',
	'UPDATE power_panel SET location_id = test.location(''Other room'') WHERE name = ''Panel''',
	'UPDATE power_panel SET location_id = test.location(''Region'') WHERE name = ''Panel''',
	'WITH r AS (UPDATE rack SET location_id = test.location(''Elsewhere'') WHERE name = ''Rack'') UPDATE power_panel SET location_id = test.location(''Elsewhere'') WHERE name = ''Panel''',
	'WITH r AS (UPDATE rack SET location_id = test.location(''Elsewhere'') WHERE name = ''Rack'') UPDATE power_feed SET rack_id = NULL WHERE name = ''Feed''');
-- ... a location moves and takes one of them along, or both
UPDATE rack SET location_id = test.location('Cage') WHERE name = 'Rack';
SELECT * FROM pg_temp.tried(
	'UPDATE location SET parent_id = test.location(''Elsewhere'') WHERE name = ''Cage''',
	'UPDATE location SET parent_id = NULL WHERE name = ''Cage''',
	'UPDATE location SET parent_id = test.location(''Site'') WHERE name = ''Cage''',
	'UPDATE location SET parent_id = test.location(''Elsewhere'') WHERE name = ''Room''',
	'UPDATE location SET parent_id = test.location(''Elsewhere'') WHERE name = ''Site''',
	'UPDATE location SET parent_id = test.location(''Cage'') WHERE name = ''Elsewhere''');
UPDATE power_panel SET location_id = test.location('Region') WHERE name = 'Panel';
SELECT * FROM pg_temp.tried(
	'UPDATE location SET parent_id = test.location(''Elsewhere'') WHERE name = ''Site''',
	'UPDATE location SET parent_id = NULL WHERE name = ''Site''',
	'UPDATE location SET parent_id = test.location(''Elsewhere'') WHERE name = ''Region''',
	'UPDATE location SET parent_id = test.location(''Region'') WHERE name = ''Cage''',
	'UPDATE location SET parent_id = test.location(''Region'') WHERE name IN (''Cage'', ''Room'')');
SELECT test.trial_error('UPDATE power_feed SET rack_id = test.rack(''Rack in Elsewhere'') WHERE name = ''Feed''') AS feed;
SELECT test.trial_error('UPDATE rack SET location_id = test.location(''Elsewhere'') WHERE name = ''Rack''') AS rack;
SELECT test.trial_error('UPDATE location SET parent_id = test.location(''Elsewhere'') WHERE name = ''Site''') AS location;
-- ... DEFERRED: rack, panel and feed move one after another
SAVEPOINT before;
SET CONSTRAINTS ALL DEFERRED;
UPDATE rack SET location_id = test.location('Elsewhere') WHERE name = 'Rack';
UPDATE power_panel SET location_id = test.location('Elsewhere') WHERE name = 'Panel';
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK TO before;
SET CONSTRAINTS ALL DEFERRED;
UPDATE rack SET location_id = test.location('Elsewhere') WHERE name = 'Rack';
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK TO before;
-- ... another write to the same row does not make a deferred check forget it
SET CONSTRAINTS ALL DEFERRED;
UPDATE rack SET location_id = test.location('Elsewhere') WHERE name = 'Rack';
UPDATE rack SET name = 'Rack 1' WHERE name = 'Rack';
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK TO before;
SET CONSTRAINTS ALL DEFERRED;
UPDATE power_panel SET location_id = test.location('Elsewhere') WHERE name = 'Panel';
UPDATE power_panel SET name = 'Panel 1' WHERE name = 'Panel';
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK TO before;
SET CONSTRAINTS ALL DEFERRED;
UPDATE power_feed SET rack_id = test.rack('Rack in Elsewhere') WHERE name = 'Feed';
UPDATE power_feed SET comments = 'written again' WHERE name = 'Feed';
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK TO before;
SET CONSTRAINTS ALL DEFERRED;
UPDATE location SET parent_id = test.location('Cage') WHERE name = 'Site';
UPDATE location SET name = 'Site 1' WHERE name = 'Site';
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK TO before;
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO rack (name, location_id, rack_group_id) VALUES ('New', test.location('Elsewhere'), test.rack_group('Site group'));
UPDATE rack SET name = 'New 1' WHERE name = 'New';
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK TO before;
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO rack (name, location_id, rack_group_id) VALUES ('New', test.location('Room'), test.rack_group('Site group'));
UPDATE rack_group SET location_id = test.location('Elsewhere') WHERE name = 'Site group';
UPDATE rack_group SET name = 'Site group 1' WHERE name = 'Site group';
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK TO before;
SELECT rule, object FROM check_integrity() WHERE severity = 'error';
ROLLBACK;
