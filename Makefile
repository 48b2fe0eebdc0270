# `make up` and `make test` are all one needs; `make help` lists the rest.
.DEFAULT_GOAL := help
.PHONY: help up down status check test bench lock

FIND_PYTHON = $$(PYTHON="$(PYTHON)" scripts/find-python)

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: ## install, build and start everything on http://127.0.0.1:8080 (PORT= changes it); Ctrl-C stops it
	@python=$(FIND_PYTHON) && exec "$$python" scripts/bootstrap.py

down: ## stop what `make up` started
	@if [ -x .venv/bin/python ]; then exec .venv/bin/python -m local down; else echo "not running: there is no environment yet"; fi

status: ## what runs, and where
	@if [ -x .venv/bin/python ]; then exec .venv/bin/python -m local status; else echo "not running: there is no environment yet"; fi

check: ## the quick gates: lint, types, unit tests; under a minute
	@python=$(FIND_PYTHON) && exec "$$python" scripts/gates.py check

test: ## every gate, from nothing: environment, lint, types, tests, web app, browser
	@python=$(FIND_PYTHON) && exec "$$python" scripts/gates.py test

bench: ## measure the claims, quickly, against their peers; BENCH="te-network --json" names one in full
	@python=$(FIND_PYTHON) && exec "$$python" scripts/benchmarks.py $(BENCH)

lock: ## write requirements/*.lock anew
	@scripts/lock
