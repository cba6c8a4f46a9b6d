"""Money received: confirmed, reconciled, reversed by contra entries, and the receipts for it."""
