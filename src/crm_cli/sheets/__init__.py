"""Tables that others made: in which encoding, what each cell says, where it stands. Pure but for what it is given."""
