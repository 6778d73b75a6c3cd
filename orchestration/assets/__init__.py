"""Dagster's view of the pipeline: every asset calls its stage's own function, and takes from `STAGES` what it reads.

Nothing is computed here. An asset knows its place in the graph, who owns it, and how to show what the
stage said; what the stage does is in `redress.run.stages` and beside it.
"""
