"""The words of a report, held against its figures: what a section says that its numbers do not, and what nobody may say.

Here: finding numbers, directions, years and people in the words of declared sections, and telling each fault with its line, its
owner and words that can be put in its place. Not here: the language of sections (`redress.declared`), which figures may be
shown (`redress.protect`), and what a run does with a fault (`redress.run`).
"""
