"""What the subcommands of `credits` do and say.

It owns options, lines on the terminal, JSON answers and exit codes. It does not own the work: the pipeline and the
other rooms do it. Only `orchestration.cli` imports it.
"""
