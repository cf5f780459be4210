-- From 1.0.0: rack_power tells loads now. A view of yours that reads it has to
-- be dropped first and made again afterwards.

DROP VIEW rack_power;

