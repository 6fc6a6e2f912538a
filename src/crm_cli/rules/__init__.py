"""The rules: pure functions from the remembered past, the policy, what is asked and the time to a decision."""
