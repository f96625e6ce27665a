CREATE TABLE visits (page TEXT NOT NULL, visitor BIGINT, at TIMESTAMPTZ NOT NULL);
CREATE UNIQUE INDEX visits_visitor ON visits (page, visitor);
