-- Nobody uses it yet.
CREATE TABLE visits (id BIGINT PRIMARY KEY, page TEXT NOT NULL);
CREATE INDEX visits_page ON visits (page);
-- Only migrations fill it.
CREATE INDEX plans_upper ON plans (upper(code));
