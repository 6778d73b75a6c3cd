"""Long trials that are run by hand or by night, over damaged input and cut-off runs; a sample is among the tests."""
