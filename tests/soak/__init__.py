"""Faults made on purpose, at length, by hand or by night (`make soak`); a sample is among the tests."""
