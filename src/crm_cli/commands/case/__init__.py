"""What people type and see of the kinds of case that a house declares: no kind is known here by name."""
