"""Families of checks that need more than a query: one module each.

A family returns check records. Families that are queries are in `expectations/suites`.
"""
