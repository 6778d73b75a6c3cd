"""Families of checks that need more than a query: one module each, with one function that returns its checks.

They are listed in `redress.reconcile.judge`. Families that are queries are in `expectations/suites`; what all families
are called for people is in `words`.
"""
