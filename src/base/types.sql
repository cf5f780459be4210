-- The two schemas. What a user calls, reads and writes is in powerpanel, which
-- CREATE EXTENSION has made; what that is made of is in powerpanel_internal, so that
-- \df powerpanel.* lists what there is to call: trigger functions, those behind
-- the type's input, operators and operator classes, the parts of guard(), of the
-- imports and of check_integrity(), and the record that pg_dump carries.
--
-- Functions of powerpanel run with the rights of their caller and find their parts
-- by name, so everybody may look a name up in there. What they find asks for the
-- caller's own rights, like everything else; trigger functions are for the
-- extension alone (keep/rights.sql).

CREATE SCHEMA powerpanel_internal;
GRANT USAGE ON SCHEMA powerpanel_internal TO PUBLIC;
COMMENT ON SCHEMA powerpanel_internal IS 'What extension powerpanel is made of: nothing in here is for users to call or to change, and any version may change it';

-- Enumerations. Their labels are the contract with applications; a wrong one is
-- PostgreSQL's own error, so each COMMENT names them all.

CREATE TYPE panel_type AS ENUM (
	'utility', 'generator', 'switchgear', 'mdp', 'ups', 'transfer-switch',
	'pdu', 'panelboard', 'mlc', 'rpp');
COMMENT ON TYPE panel_type IS
'What a power panel is: utility (the utility''s connection), generator, switchgear, mdp (main distribution panel), ups (uninterruptible power supply), transfer-switch, pdu (power distribution unit of a facility, not of a rack), panelboard, mlc (mini load center), rpp (remote power panel)';

CREATE TYPE power_path AS ENUM ('a', 'b', 'c', 'd');
COMMENT ON TYPE power_path IS
'The physical path a circuit comes from, in a redundant design: a, b, c, d. NULL where the design has one path only';

CREATE TYPE feed_type AS ENUM ('primary', 'redundant');
COMMENT ON TYPE feed_type IS
'What a feed is for: primary (it carries the load in normal operation), redundant (it stands by)';

CREATE TYPE supply AS ENUM ('ac', 'dc');
COMMENT ON TYPE supply IS 'The current of a feed: ac (alternating), dc (direct)';

CREATE TYPE phase AS ENUM ('single-phase', 'three-phase');
COMMENT ON TYPE phase IS 'What circuit a feed is: single-phase, three-phase';

CREATE TYPE feed_leg AS ENUM ('A', 'B', 'C', 'A-B', 'B-C', 'A-C');
COMMENT ON TYPE feed_leg IS 'What an outlet or a bank is wired to: A, B, C (one phase conductor, to neutral), A-B, B-C, A-C (two of them, line to line). A position of a panel hangs on A, B or C';

CREATE TYPE panel_numbering AS ENUM ('across', 'sequential');
COMMENT ON TYPE panel_numbering IS
'How circuit positions are numbered: across (odd numbers left, even right, the North American standard), sequential (one column; IEC boards, busway)';

CREATE TYPE panel_bus AS ENUM ('three-phase', 'split-phase', 'single-phase', 'dc');
COMMENT ON TYPE panel_bus IS
'The bus bars of a panel: three-phase (A, B, C), split-phase (two legs A, B of one service), single-phase (A), dc (direct current, which has no phases)';

CREATE TYPE phase_designation AS ENUM ('A', 'B', 'C', 'A-B', 'B-C', 'A-C', 'A-B-C');
COMMENT ON TYPE phase_designation IS 'The phases that a breaker connects to, in alphabetical order: A, B, C, A-B, B-C, A-C, A-B-C';

COMMENT ON SCHEMA powerpanel IS 'The electrical distribution of data centres, kept correct by extension powerpanel';
