"""`python -m workers`: this role alone, in a process of its own."""

from core.process import run_process
from core.settings import Settings
from workers.role import run

if __name__ == "__main__":
    run_process([run], Settings())
