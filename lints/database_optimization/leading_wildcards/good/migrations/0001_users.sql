CREATE EXTENSION pg_trgm;

CREATE TABLE users (
    id BIGINT PRIMARY KEY,
    team_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE
);

CREATE TABLE plans (code TEXT PRIMARY KEY);
INSERT INTO plans (code) VALUES ('free'), ('team');

CREATE INDEX users_name ON users USING gin (name gin_trgm_ops);
CREATE INDEX users_email_begins ON users (email text_pattern_ops);
CREATE INDEX users_team ON users (team_id);
