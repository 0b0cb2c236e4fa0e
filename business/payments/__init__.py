"""Payments: checkouts, what came in, notices of Venmo and Zelle, refunds, and the ledger that balances."""
