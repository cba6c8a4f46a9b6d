"""Finding a vehicle: any number of parameters together, counted, ranked by what matters to a customer."""
