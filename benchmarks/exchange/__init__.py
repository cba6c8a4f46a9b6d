"""How desks and the centre exchange, measured: the documents, the phases, our side and the peers'."""
