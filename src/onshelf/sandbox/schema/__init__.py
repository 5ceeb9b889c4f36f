"""Publishing by schema: which fields an item has, their rules, and filled-in documents read, checked and made items."""
