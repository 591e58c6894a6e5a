"""`python -m ringroad.cli` is `ringroad`."""

from ringroad.cli.main import main

main()
