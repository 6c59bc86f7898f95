"""Long work: off the page, on several processes, cancelled and gone on with.

In comes a function and its arguments, out comes its result, with progress and
cancel on the way. Read `jobs` first (a worker thread and its queue), then `parallel`
(many pieces at once) and `processes` (workers of this machine). `code_version` says
whether a result that was kept is of today's code.
"""
