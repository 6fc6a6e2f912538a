"""The form `case`, as a house writes it: read, checked, compiled into plain data that an engine runs."""
