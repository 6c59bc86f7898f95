"""The page Learn: short lessons on the live lab.

`texts` has the words, `questions` what is asked, `checks` what is right, `setups` the runs
that a lesson needs; `lessons` is the page.
"""
