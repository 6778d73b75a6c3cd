"""The evidence behind each report, and the act of signing one.

`packs` puts what every figure counted into one folder and zip per report, `pages` makes that folder something to walk
through, `manifest` (with `contents`, `keys` and `case_removal`) signs it and proves later that nothing was changed.
`signing` keeps who stands behind a report, `revisions` lists what later files would change in it, and `explain` answers
for one figure. What has been signed is read by `signed`; making a record again is `run.rebuild`.
"""
