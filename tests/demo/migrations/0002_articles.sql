CREATE TABLE articles (
    id UUID PRIMARY KEY,
    author_id UUID NOT NULL REFERENCES authors (id) ON DELETE CASCADE,
    slug TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    published_at TIMESTAMPTZ
);
CREATE INDEX articles_author_id ON articles (author_id);
CREATE INDEX articles_published_at ON articles (published_at DESC);

CREATE TABLE tags (
    article_id UUID NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    PRIMARY KEY (article_id, name)
);
CREATE INDEX tags_name ON tags (name);
