"""One whole sale at a desk: vehicle, customer, offer, order and money, contract, signatures, seal."""
