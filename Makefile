# Everything happens in .venv. Targets: make help

VENV := .venv
BIN := $(VENV)/bin
# Each part of the environment is installed again only when its list changes.
LAB := $(VENV)/.lab-installed
DEV := $(VENV)/.dev-installed
SERVER := $(VENV)/.server-installed
# The AWS CLI and AWS's encryption clients, whose pins don't agree with the lab's.
CLIENTS := $(VENV)/clients/.installed

# The web edition's tools.
DOCS := $(VENV)/docs/.installed

# Binder's builder, which prints the steps of a build.
REPO2DOCKER := $(VENV)/repo2docker/.installed

# A class on one machine.
HUB := $(VENV)/hub/.installed
# Locks, audits and lists licences.
AUDIT := $(VENV)/audit/.installed

# The newest suitable Python on the path; or name one: make lab PYTHON=python3.12
# Each is run, not only looked up: a version manager's stand-in may be on the path and fail.
SUITABLE := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))
PYTHONS := python3.14 python3.13 python3.12 python3.11 python3 python
PYTHON ?= $(shell for p in $(PYTHONS); do \
    "$$p" -c '$(SUITABLE)' 2>/dev/null && { echo "$$p"; break; }; done)

PIP := $(BIN)/python -m pip --disable-pip-version-check -q
LESSONS ?= $(sort $(wildcard notebooks/*.ipynb))
# JupyterLab refuses to run as root unless told to (containers, CI).
ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)
# JupyterLab asks the network for news and updates. A course that promises that nothing
# leaves the machine does not. And a kernel that is talked to in the clear warns.
QUIET := --LabApp.news_url=None \
    --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate \
    --KernelManager.transport_encryption=auto
START := --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb

NBVAL := --nbval --nbval-current-env --nbval-sanitize-with tests/notebooks/sanitize.cfg

# The kernel of .venv comes before any "python3" kernel in the user's own folder.
export JUPYTER_PREFER_ENV_PATH := 1

.DEFAULT_GOAL := help
.PHONY: help lab test notebooks fidelity glossary lint browser bench server docs links slides check-room binder load audit lock licences address clean

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

lab: $(LAB) ## open the course in JupyterLab (LAB_ARGS="--no-browser --port 8899")
	$(BIN)/jupyter lab $(ROOT) $(QUIET) $(START) $(LAB_ARGS)

test: $(DEV) $(CLIENTS) $(DOCS) ## unit tests, then every lesson cell by cell against its stored output
	@# Both run to their end, and either fails the target.
	$(BIN)/python -m pytest -q -n 2 --dist loadfile; tests=$$?; \
	$(BIN)/python -m pytest -q $(NBVAL) -n 2 --dist loadfile notebooks; lessons=$$?; \
	exit $$((tests || lessons))

notebooks: $(DEV) ## run lessons and store their outputs (LESSONS="notebooks/00_start_here.ipynb")
	@# Formatted first: cell ids come from the cells' text.
	@$(BIN)/ruff format -q $(or $(LESSONS),$(error no lesson in notebooks/))
	$(BIN)/python -m tests.notebooks.write $(LESSONS)

fidelity: $(DEV) ## write docs/fidelity.md anew: what AWS, plain moto and the lab answer
	$(BIN)/python -m tests.fidelity.ledger

glossary: $(DEV) ## write docs/glossary.md anew from helpers/practice/glossary.yaml
	$(BIN)/python -c "from helpers.practice.glossary import write; write()"

lint: $(DEV) ## ruff, notebooks included
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

CHROMIUM ?= $(firstword $(foreach c,chromium chromium-browser google-chrome,$(shell command -v $(c) 2>/dev/null)))

browser: ## every lesson in JupyterLab in headless Chromium; pictures in build/screenshots
	@command -v "$(CHROMIUM)" >/dev/null || { echo "Chromium is missing:" \
	    "apt-get install chromium, or name one: make browser CHROMIUM=/path/to/chrome" >&2; exit 1; }
	@$(MAKE) --no-print-directory --silent $(DEV) $(DOCS)
	CHROMIUM="$(CHROMIUM)" $(BIN)/python -m pytest -q -rP -m browser -n 2 tests/browser

bench: $(DEV) $(CLIENTS) ## ratios measured side by side
	$(BIN)/python -m benchmarks

server: $(SERVER) ## the lab's account over HTTP, for the AWS CLI (SERVER_ARGS="--port 5000")
	@# exec: signals go to the server, not to a shell in between.
	@exec $(BIN)/python -m helpers.lab.server $(SERVER_ARGS)

docs: $(DOCS) ## the web edition from the stored outputs, in build/web/html
	$(VENV)/docs/bin/python docs/web/assemble.py

links: $(DOCS) ## ask every link out of the web edition whether it still leads somewhere (network)
	$(VENV)/docs/bin/python docs/web/assemble.py --links

check-room: $(LAB) ## before a class: versions, port, disk, browser, and every lesson run once
	$(BIN)/python classroom/check_room.py $(ROOM_ARGS)

load: $(DEV) $(HUB) ## a class on a real JupyterHub, on this machine only (STUDENTS=40 RUNS=5)
	$(BIN)/python -m tests.load --students $(or $(STUDENTS),40) --runs $(or $(RUNS),1)

audit: $(AUDIT) ## known vulnerabilities in what a learner installs (network)
	$(VENV)/audit/bin/pip-audit --strict --require-hashes --disable-pip -r requirements.lock

lock: $(AUDIT) ## write requirements.lock anew: every package, for every system, with hashes
	$(VENV)/audit/bin/uv pip compile -q --universal --generate-hashes --no-header --no-annotate \
	    --no-emit-index-url --python-version 3.11 --no-emit-package aws-kms-course \
	    --custom-compile-command "make lock" requirements.txt -o requirements.lock

licences: $(DEV) $(DOCS) $(HUB) $(AUDIT) ## write docs/licences.md anew: what is installed, under which licence
	$(BIN)/python docs/licences.py

address: ## this repository's address, everywhere it is named (REPOSITORY=owner/name)
	@$(BIN)/python docs/address.py $(REPOSITORY)

slides: $(DEV) ## slides of every lesson, offline, in build/slides
	$(BIN)/python classroom/slides/mark.py
	$(BIN)/python classroom/slides/build.py

binder: $(DEV) $(REPO2DOCKER) ## replay what Binder builds, run every lesson there, measure; a few minutes
	$(BIN)/python -m pytest -q -rP -m binder tests/binder

clean: ## remove .venv and everything built
	rm -rf $(VENV) build *.egg-info .pytest_cache .ruff_cache .hypothesis .coverage .coverage.*
	find . -path ./.git -prune -o \( -name __pycache__ -o -name .ipynb_checkpoints \) \
	    -prune -exec rm -rf {} +

# A dangling link (the interpreter is gone) counts as missing, so .venv is made anew.
$(BIN)/python:
	@"$(PYTHON)" -c '$(SUITABLE)' 2>/dev/null || { \
	    have=$$("$(or $(PYTHON),python3)" -V 2>&1) || have="no Python"; \
	    echo "This course needs Python 3.11 to 3.14, found $$have." \
	        "Install one, or name it: make lab PYTHON=/path/to/python3.12" >&2; exit 1; }
	@"$(PYTHON)" -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }

$(LAB): requirements.txt binder/requirements.txt | $(BIN)/python
	$(PIP) install -r requirements.txt
	@# Or JupyterLab asks each newcomer whether it may fetch its news.
	@$(BIN)/jupyter labextension disable --level=sys_prefix \
	    "@jupyterlab/apputils-extension:announcements" 2>/dev/null
	@touch $@

$(DEV): $(LAB) pyproject.toml
	$(PIP) install -e ".[dev]"
	@touch $@

$(SERVER): $(LAB) pyproject.toml
	$(PIP) install -e ".[server]"
	@touch $@

$(CLIENTS): tests/lab/server/clients.txt | $(BIN)/python
	@$(BIN)/python -m venv --clear $(VENV)/clients
	$(VENV)/clients/bin/python -m pip --disable-pip-version-check -q install -r $<
	@touch $@

$(DOCS): docs/web/requirements.txt | $(BIN)/python
	@$(BIN)/python -m venv --clear $(VENV)/docs
	$(VENV)/docs/bin/python -m pip --disable-pip-version-check -q install -r $<
	@touch $@

$(REPO2DOCKER): tests/binder/repo2docker.txt | $(BIN)/python
	@$(BIN)/python -m venv --clear $(VENV)/repo2docker
	$(VENV)/repo2docker/bin/python -m pip --disable-pip-version-check -q install -r $<
	@touch $@

$(HUB): classroom/hub/requirements.txt binder/requirements.txt | $(BIN)/python
	@$(BIN)/python -m venv --clear $(VENV)/hub
	$(VENV)/hub/bin/python -m pip --disable-pip-version-check -q install -r $<
	@touch $@

$(AUDIT): docs/audit.txt | $(BIN)/python
	@$(BIN)/python -m venv --clear $(VENV)/audit
	$(VENV)/audit/bin/python -m pip --disable-pip-version-check -q install -r $<
	@touch $@
