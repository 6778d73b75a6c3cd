"""A council's folder: read strictly, checked whole, and turned into one object and the tables that dbt reads.

What a council configures is understood here and nowhere else. Cases are not read here; no figure is computed here.
"""
