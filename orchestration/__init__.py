"""Dagster's view of the pipeline, and the only code that knows Dagster: definitions, assets, schedule and sensor."""
