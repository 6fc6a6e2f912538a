# Every target works on a fresh machine with Python 3.11 or newer, make and a package index.
PYTHON ?= python3
PIP = .venv/bin/python -m pip --quiet --disable-pip-version-check

.PHONY: demo test lint bench messages docs clean

# plays a sample day of a sales office
demo: .venv/ready
	@.venv/bin/crm demo

# runs every test, the rulebooks' own among them
test: .venv/ready-dev
	@.venv/bin/pytest -n auto

# style, types, and the proofs of the shipped rulebooks
lint: .venv/ready-dev
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check
	@.venv/bin/mypy
	@.venv/bin/crm policy check policies

# ratios of one run; nothing is asserted; DATA=FOLDER measures likeness on published files, too; EVENTS=10000000 takes 6 GB and half an hour
EVENTS ?= 1000000
bench: .venv/ready-dev
	@.venv/bin/python bench/figures.py $(EVENTS)
	@.venv/bin/python bench/finding.py $(EVENTS)
	@.venv/bin/python bench/imports.py
	@.venv/bin/python bench/archives.py
	@.venv/bin/python bench/penalties.py
	@$(if $(DATA),.venv/bin/python bench/likeness.py $(DATA)/dedup-people)
	@$(if $(DATA),.venv/bin/python bench/cases.py $(DATA)/boston311)

# brings the catalogues up to what the program says
messages: .venv/ready-dev
	@.venv/bin/python tools/messages.py --fill
	@$(MAKE) --no-print-directory .venv/ready-dev

# writes the references in docs/ from the program
docs: .venv/ready-dev
	@.venv/bin/python tools/reference.py

clean:
	rm -rf .venv dist

CATALOGUES = $(wildcard src/crm_cli/locale/*/LC_MESSAGES/*.po)

.venv/ready: requirements.txt pyproject.toml hatch_build.py $(CATALOGUES)
	@$(PYTHON) -c 'import sys; sys.exit("crm needs Python 3.11 or newer: make PYTHON=python3.11 …") if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv .venv
	@$(PIP) install -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/ready-dev: .venv/ready requirements-dev.txt
	@$(PIP) install -r requirements-dev.txt
	@touch $@
