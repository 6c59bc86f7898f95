"""What pages have in common: what is on screen, sidebar, status line, words, downloads.

Read `bench` first, what is on screen and how another run is asked for, then `frame.open`,
what stands around every page.
"""
