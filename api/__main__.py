"""`python -m api`: this role alone, in a process of its own."""

from api.role import run
from core.process import run_process
from core.settings import Settings

if __name__ == "__main__":
    run_process([run], Settings())
