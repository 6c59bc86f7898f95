# make run     set up .venv and open the lab on http://localhost:8501
# make class   the same for a class: on this computer's network, with a code to join by and a board
# make test    set up .venv and run the tests
# make docs    set up .venv and build the documentation into site/, which the lab serves at /docs
#
# PYTHON=python3.12   the Python to use (3.11, 3.12 or 3.13)
# DATA=folder         where the ISBI 2012 volumes are
# PORT=8600           make run, make class: another port
# ARGS="-k metrics"   make test: more for pytest

PORT = 8501
export PYTHON
ifneq ($(DATA),)
export SNNLAB_DATA := $(DATA)
endif

.PHONY: help run class test docs environment-run environment-test environment-docs

help:
	@sed -n 's/^# \{0,1\}//p' Makefile

run: environment-run
	.venv/bin/python -m streamlit run serve.py --server.address 127.0.0.1 --server.port $(PORT) --server.headless true

# Streamlit's greeting would ask a computer on the internet for our address; the lab has its own
class: environment-run
	SNNLAB_CLASS=yes .venv/bin/python -m streamlit run serve.py --server.address 0.0.0.0 --server.port $(PORT) --server.headless true --logger.hideWelcomeMessage true

test: environment-test
	.venv/bin/python -m pytest $(ARGS)

docs: environment-docs

environment-run environment-test environment-docs: environment-%:
	@python=$$(tools/find_python.sh) && "$$python" tools/environment.py $*
