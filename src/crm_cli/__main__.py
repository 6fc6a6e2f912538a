"""`python -m crm_cli` is `crm`."""

from crm_cli.cli import main

main()
