"""The declared report: the pages, sections and figures that a council's report shows, as its files say.

Here: finding the files, reading them (`reports/declared/parse.js` knows the grammar), checking every name in them, and saying
which figures they ask for. Not here: computing those figures, protecting them, or drawing pages.
"""
