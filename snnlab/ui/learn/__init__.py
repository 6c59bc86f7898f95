"""The page Learn: short lessons on the live lab.

`texts` has the words, `drawn` the figure of each sentence, `asked` what is asked, `questions` and
`checks` what is right, `setups` the runs that a lesson needs, `own` the model's own settings that
the texts are about, `paths` which lessons there are for how much time, `progress` what a student
has done; `lessons` is the page.
"""
