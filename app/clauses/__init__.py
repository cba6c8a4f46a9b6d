"""The clause library: texts of the house's papers, drafted by one person, approved by another, in force from a day."""
