"""`python -m alerter` is the same as `alerter`."""

from alerter.cli import main

main(prog_name="alerter")
