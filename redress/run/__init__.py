"""One run: what to build, the stages in order, the gates between them, the release at the end, and its journal.

What a stage does is in its own room; here is only the order (`stages`), what stages are given (`context`), and the run of
all of them (`pipeline`). Between intake and the website a council is run apart: `council_keys` says of what its results
depend, `councils` which are made anew, `workshop` where, `merge` puts them together with what stands (`standing`).
`journal` records runs, `runs` reads the record, `openlineage` sends it on; `commands` do what is no build. Dagster's
assets call the same stages from `orchestration`.

Results are made in `build/.next` and in a database file of their own, and `release` puts them into force together as the
last act (see `base.generations`), so that a run that stops anywhere leaves the last green results standing. What says why
a run stopped (checks.csv, published_check.csv, quarantine/) is written into place at once, each file in one step.
"""
