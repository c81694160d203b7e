"""`python -m mockserver`: the same as the command `mockserver`."""

from mockserver.cli import main

if __name__ == "__main__":
    main(prog_name="mockserver")
