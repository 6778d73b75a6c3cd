"""What every room needs and none owns: settings, errors, files read and written strictly, text shown safely.

Nothing here knows what a complaint is. What knows a council's folder belongs in `authority`; what opens the warehouse
belongs in `warehouse`.
"""
