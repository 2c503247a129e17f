"""The organisers' forms for series, webinars and sessions: they check the shape of the input, not the rules.

Texts stand in a field for each language (``title_en``), and what there may be several of in numbered rows
(``speaker_0_name``), so a form's class is made for the languages and rows that a page shows. It works without
scripts: each list ends with empty rows, and a button asks for one more. A row left empty is none. What stands in the
rows of one part (speakers, agenda, languages) has a module of its own.
"""
