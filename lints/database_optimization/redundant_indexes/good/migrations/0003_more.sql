-- Smaller than the one on all members.
CREATE INDEX members_active_user ON members (user_id) WHERE active;
-- Ordered otherwise.
CREATE INDEX events_kind_at ON events (kind, at DESC);
CREATE INDEX events_kind_id ON events (kind, id);
-- Says that each time is there once.
CREATE UNIQUE INDEX events_kind_unique ON events (kind, at, id);
-- Of another kind.
CREATE INDEX events_kind_hash ON events USING hash (kind);
-- Made by mistake, and taken away.
CREATE INDEX members_team ON members (team_id);
DROP INDEX members_team;
