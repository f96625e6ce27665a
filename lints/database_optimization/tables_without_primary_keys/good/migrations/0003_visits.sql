CREATE TABLE visits (page TEXT NOT NULL, visitor BIGINT NOT NULL, at TIMESTAMPTZ NOT NULL);
-- The key comes later.
ALTER TABLE visits ADD CONSTRAINT visits_key PRIMARY KEY (page, visitor);
-- Told apart by columns that are always there.
CREATE TABLE aliases (name TEXT NOT NULL UNIQUE, of BIGINT NOT NULL);
-- Its columns come from elsewhere.
CREATE TABLE archive AS SELECT * FROM visits;
