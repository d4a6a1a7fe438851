"""`python -m smsc`, and the `smsc` command."""


def main() -> None:
    """Runs the command line; ends the process with its exit status."""
    from smsc.cli.app import app

    app()


if __name__ == "__main__":
    main()
