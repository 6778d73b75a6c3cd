"""Redress: extracts of complaints become an annual report that is right, provably, and published as web pages.

The rooms, from the top down. A room may use those below it and never one above; peers do not know each other.

    cli                    what a person types
    run                    one run: stages, gates, one release at the end
    draft                  a council's folder, begun from its own files
    attest                 the evidence of a run, and the act of signing
    publish                the website and what it offers to download
    narrative              whether the words of a report say what its figures say
    protect                which numbers are shown
    reconcile              whether the figures are right
    signed                 what was signed off, read only
    intake, warehouse, audit (and `expectations` beside this package)
    declared               what the sections of a report say that it shows
    authority              a council's folder
    contract               what an extract holds, and how a council's columns are mapped to it
    base                   settings, errors, files

`orchestration` lies above them and is the only code that knows Dagster. import-linter holds the rule in `make test`.
"""
