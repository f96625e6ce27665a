-- The primary key begins with it.
CREATE INDEX members_team ON members (team_id);
-- The same again.
CREATE INDEX events_by_time ON events USING btree (at);
-- What the primary key says already.
CREATE UNIQUE INDEX plans_code ON plans (code);
-- The next one begins with it.
CREATE INDEX events_kind ON events (kind);
CREATE INDEX events_kind_at ON events (kind, at DESC);
