"""How fast the warehouse is: large made-up extracts, and the dbt build beside hand-written SQL for the same facts."""
