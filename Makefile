# `make` alone lists the targets. Each does its own set-up and repeats it only when the pins changed.

# A particular Python: make PYTHON=/usr/bin/python3.12 ... (3.11 or later; else the first that will do)
PYTHON ?=
IMAGE ?= timbre
DOCKER ?= docker
export PYTHON

SERVE := .venv-serve
DEV := .venv
BIN := $(DEV)/bin

.DEFAULT_GOAL := help
.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

# The server has an environment of its own: what is not in its list cannot creep into what serves.
$(SERVE)/.installed: requirements-prod.txt setup.py
	@scripts/make_venv.sh $(SERVE) requirements-prod.txt

$(DEV)/.installed: requirements.txt setup.py
	@scripts/make_venv.sh $(DEV) requirements.txt

.PHONY: serve
serve: $(SERVE)/.installed ## run the server on this machine (HOST, PORT)
	$(SERVE)/bin/timbre serve

.PHONY: test
test: $(DEV)/.installed ## run all tests: Python, the page's modules in Node, the page in a browser
	@scripts/set_up_tests.sh
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

.PHONY: check lint types imports format
check: lint types imports test ## everything that must hold before a commit

lint: $(DEV)/.installed ## ruff: rules and layout
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEV)/.installed ## mypy
	$(BIN)/mypy

imports: $(DEV)/.installed ## import-linter: imports point one way, serving stays light
	$(BIN)/lint-imports --no-cache --no-logo

format: $(DEV)/.installed ## put imports and layout in order
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

.PHONY: docker-build docker-run
docker-build: ## build the server's image (IMAGE, DOCKER=podman)
	$(DOCKER) build --tag $(IMAGE) .

docker-run: ## run it on PORT, its songs in the volume timbre-data
	$(DOCKER) run --rm --init --publish $(or $(HOST),127.0.0.1):$(or $(PORT),8000):8000 \
	    --volume timbre-data:/data --read-only --tmpfs /tmp --pids-limit 1024 --cap-drop ALL --security-opt no-new-privileges $(IMAGE)

.PHONY: data
data: $(DEV)/.installed ## data sets into windows to train on (DATASETS="irmas nsynth"; SMOKE=1: in miniature)
	@TIMBRE=$(BIN)/timbre PYTHON=$(BIN)/python scripts/make_data.sh

.PHONY: train
train: $(DEV)/.installed ## a model from the windows of make data, into models/default (hours)
	$(BIN)/timbre train

.PHONY: model example-song benchmark
model: $(DEV)/.installed ## make models/default again from MATERIAL=/path/to/recordings (hours)
	@test -n "$(MATERIAL)" || { echo "Say which recordings: make model MATERIAL=/path/to/recordings" >&2; exit 2; }
	TIMBRE=$(BIN)/timbre scripts/make_default_model.sh $(MATERIAL)

example-song: $(DEV)/.installed ## render static/example again (Debian: musescore-general-soundfont)
	$(BIN)/python -m timbre.data.example_song

benchmark: $(DEV)/.installed ## seconds of song tagged in a CPU second, beside the way it used to be done
	$(BIN)/python benchmarks/tagging_speed.py

PIP_COMPILE = $(BIN)/pip-compile --quiet --upgrade --allow-unsafe --strip-extras \
    --no-header --no-emit-index-url --no-emit-find-links

.PHONY: lock
lock: $(DEV)/.installed ## pin the newest versions that setup.py allows
	$(PIP_COMPILE) --generate-hashes --output-file requirements-prod.txt setup.py
	$(PIP_COMPILE) --extra dev --constraint requirements-prod.txt --output-file requirements.txt setup.py
	sed -i.bak 's/^\(torch==[^+]*\)+.*/\1/' requirements.txt # any build of it will do, for CPUs or for a GPU
	rm requirements.txt.bak

.PHONY: audit
audit: $(DEV)/.installed ## known holes in what is pinned (needs the network)
	$(BIN)/tox run -e audit

.PHONY: clean
clean: ## remove caches; environments, songs, data and checkpoints stay
	rm -rf .tox .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
