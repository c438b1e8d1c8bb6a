"""The subcommands of `credits`.

It owns options, lines on the terminal, JSON answers and exit codes. It does not own the work: the pipeline and the
other packages do it. Only `orchestration.cli` imports it.
"""
