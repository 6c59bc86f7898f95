"""Long work: off the page, on several processes, cancelled, kept and gone on with.

In comes a function and its arguments, out comes its result, with progress and
cancel on the way; nothing here knows what is computed. Read `jobs` first (a worker
thread and its queue), then `parallel` (many pieces at once); `code_version` says
whether a kept result is of today's code.
"""
