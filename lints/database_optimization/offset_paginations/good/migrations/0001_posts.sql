CREATE TABLE posts (
    id BIGINT PRIMARY KEY,
    author_id BIGINT NOT NULL,
    title TEXT NOT NULL
);

CREATE INDEX posts_author ON posts (author_id, id);
