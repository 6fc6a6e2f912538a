"""The ledger: facts one line each, never changed, and the index that is made from them."""
