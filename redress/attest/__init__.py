"""Attest: the evidence behind each report.

`cases` finds what every figure counted, by its own statement (`provenance`); `lineage` the columns it is made of;
`exclusions` what it left out and why; `packs` puts all of it into one folder and zip per report, `pages` makes that
folder something to walk through, and `manifest` signs it and proves later that nothing was changed. `sign_off` keeps who
stands behind a report, `revisions` lists what later files would change in it, and `rebuild` makes it again.
"""
