"""Seeds: reference data, authority folders and the generator of their synthetic extracts."""
