"""The extract contract: its tables and columns, how a council's columns are mapped to them, how cells are read.

Nothing here opens a file of cases: that is `intake`. Nothing here knows a council's services or words: that is
`authority`.
"""
