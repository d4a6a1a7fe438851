"""`python -m smsc`, and the `smsc` command."""

import gc

#: Objects between two looks of the cyclic collector. What is imported stays: there is nothing to find in it.
_GC_YOUNG = 100_000


def main() -> None:
    """Runs the command line; ends the process with its exit status."""
    gc.set_threshold(_GC_YOUNG)
    from smsc.cli.app import app

    app()


if __name__ == "__main__":
    main()
