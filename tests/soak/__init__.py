"""Long runs over damaged input; a sample of them is among the tests."""
