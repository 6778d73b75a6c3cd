"""Dagster's view of the pipeline: one module per stage, each asset calling the stage's own function.

Nothing is computed here. An asset knows its place in the graph, who owns it, and how to show what the
stage said; what the stage does is in `redress.run.stages` and beside it.
"""
