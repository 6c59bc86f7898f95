"""A class: who is in it, what they answered, what they ran; in memory, and for hours only.

`register` holds it, with bounds on everything, and is told what happens in `events`; `labels`
has what students are called, `guesses` keeps strangers from trying codes, `invitation` has the
addresses and the QR code. Knows no screen; the pages are `snnlab.ui.classroom`.
"""
