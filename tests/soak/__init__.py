"""Long trials that are run by hand or by night: real runs, cut off at random."""
