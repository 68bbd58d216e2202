"""`python -m bots`: this role alone, in a process of its own."""

from bots.role import run
from core.process import run_process
from core.settings import Settings

if __name__ == "__main__":
    run_process([run], Settings())
