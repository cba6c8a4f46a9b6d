"""Pictures and documents of models, units and inspections."""
