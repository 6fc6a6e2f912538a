"""Cases: forms with steps, people, approvals and clocks, as a house declares them."""
