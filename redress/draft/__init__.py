"""The draft of a council's folder from its own files: what `redress draft` writes for a person to look through.

`opened` reads files with intake's own readers, `columns` and `dates` say what a column holds, `headings` and `words` know how
councils call things, `shapes` finds out which tables of the contract a file feeds and `departments` which records are others',
`sources` makes the draft of one file (`drafted` is what it holds) and `log` that of a log of events from its recipe (`recipes`),
`mapping_text` and `folder` write what was found. What is not certain is marked as a guess or asked (`"?"`). What
reads files, and what a mapping may say, do not belong here.
"""
