# The one list of commands. `make demo` and `make test` set up everything that they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test test-rust test-python lint bench docs build clean

demo: build
	$(BIN)/python examples/demo.py

test: test-rust test-python

test-rust:
	cargo test --locked

test-python: build $(VENV)/.peers
	$(BIN)/python -m pytest

lint: $(VENV)/.lint
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	$(BIN)/ruff check python tests examples benches docs
	$(BIN)/ruff format --check python tests examples benches docs
	$(BIN)/mypy

# Measured as users get it; the next build makes the quick one again.
bench: $(VENV)/.bench
	. $(BIN)/activate && maturin develop --locked --quiet --release
	$(BIN)/python benches/run.py

docs: build
	$(BIN)/python -m pip install --quiet --group docs
	$(BIN)/python docs/generate.py
	$(BIN)/python -m mkdocs build --quiet --config-file docs/mkdocs.yml

build: $(VENV)/.test
	. $(BIN)/activate && maturin develop --locked --quiet

$(VENV)/.base:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	touch $@

$(VENV)/.test: $(VENV)/.base pyproject.toml
	$(BIN)/python -m pip install --quiet "maturin>=1.9,<2" --group test numpy pyogrio pyproj tqdm
	touch $@

$(VENV)/.peers: $(VENV)/.base pyproject.toml
	$(BIN)/python -m pip install --quiet --group peers
	touch $@

$(VENV)/.bench: $(VENV)/.test pyproject.toml
	$(BIN)/python -m pip install --quiet --group bench
	touch $@

$(VENV)/.lint: $(VENV)/.test pyproject.toml
	$(BIN)/python -m pip install --quiet --group lint
	touch $@

clean:
	rm -rf $(VENV) target
