"""One file a noun: argv in, answer out; no arithmetic, no dates, no SQL."""
