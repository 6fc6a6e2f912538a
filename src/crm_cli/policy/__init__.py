"""House rules: strict files, closed words, editions, proofs, citations, tests."""
