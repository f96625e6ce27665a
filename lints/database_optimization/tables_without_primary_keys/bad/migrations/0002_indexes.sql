CREATE INDEX members_user ON members (user_id);
CREATE INDEX members_email ON members (lower(email)) WHERE active;
CREATE TABLE events (id BIGSERIAL PRIMARY KEY, kind TEXT NOT NULL, at TIMESTAMPTZ NOT NULL);
CREATE INDEX events_at ON events (at);
