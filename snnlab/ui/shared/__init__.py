"""What pages have in common: what is on screen, sidebar, status line, words, downloads.

Read `frame` first, what stands around every page, then `bench`, what is on screen
and how another run is asked for.
"""
