"""The pages of a class: `doors` says who sees what, `join` is the students', `board` the teacher's.

Only a server that ``make class`` started has them (see `snnlab.ui.shared.classroom`).
"""
