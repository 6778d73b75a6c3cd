"""Redress's pipeline: assets by stage, the pure functions beside them, and the `redress` command."""
