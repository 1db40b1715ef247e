# Two commands are enough: `make run` and `make test`. Each sets up what is missing.
.DEFAULT_GOAL := help
.PHONY: help run test train evaluate bench check demo setup
PY := .venv/bin/python
export PYTHONPATH := $(CURDIR)
# Test files side by side on two cores; a few files named alone gain nothing from it.
WORKERS := $(if $(PYTEST_ARGS),,-n 2 --dist loadfile)
export RASA_TELEMETRY_ENABLED := false

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## both environments, from the locks
	@scripts/setup.sh

run: setup ## start everything and print the addresses (Ctrl-C stops it)
	@exec $(PY) -m scripts.run

train: setup ## train what is out of date
	@$(PY) -m scripts.train

test: setup ## every test; what is skipped is named at the end
	@$(PY) -m scripts.train
	@$(PY) -m pytest $(WORKERS) $(PYTEST_ARGS)

evaluate: setup ## how well messages are understood and risk is found, on sets never trained on
	@$(PY) -m scripts.train
	@$(PY) -m evaluation

bench: setup ## latency, start-up, training time and memory, beside Rasa's default pipeline
	@$(PY) -m scripts.train
	@$(PY) -m bench

check: setup ## lint, types, data validation
	@$(PY) -m scripts.check

demo: setup ## make up a clinic to look at (60 people, their courses, escalations), then run on it
	@$(PY) -m scripts.demo $(DEMO_ARGS)
