-- This number is kept for a migration that is written elsewhere, whose file takes the place of this one. Nothing is made here.
CREATE TABLE IF NOT EXISTS schema_migrations (version UInt32) ENGINE = Memory;
