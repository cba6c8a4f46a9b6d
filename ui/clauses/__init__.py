"""The pages of the clause library: clauses and templates, written, compared, approved, seen on paper as one types."""
