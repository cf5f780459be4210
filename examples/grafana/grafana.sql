-- examples/grafana/grafana.sql: the role that Grafana logs in as, to be run by the
-- owner of the inventory. It reads, and writes nothing.
CREATE ROLE grafana LOGIN;
GRANT USAGE ON SCHEMA powerpanel TO grafana;
GRANT SELECT ON ALL TABLES IN SCHEMA powerpanel TO grafana;
-- By default loads are as draws are allocated:
-- ALTER ROLE grafana SET powerpanel.load_basis = 'maximum';
