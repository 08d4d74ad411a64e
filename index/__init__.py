"""Document to index: parse, chunk, encode, and keep on disk what answering needs."""
