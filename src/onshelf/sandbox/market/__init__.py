"""Buyers and what they do: trades, refunds and parcels of a shop; pure life cycles, one ledger a shop, one till that works them."""
