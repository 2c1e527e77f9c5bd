"""One page per file; the file's name is its URL and the prefix of its session keys."""
