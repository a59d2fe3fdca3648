"""Run the command line with ``python -m skyframe_gui``."""

from skyframe_gui.cli import main

if __name__ == "__main__":
    main()
