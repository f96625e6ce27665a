CREATE TABLE visits (id BIGINT PRIMARY KEY, page TEXT NOT NULL);
CREATE INDEX visits_page ON visits (page);
