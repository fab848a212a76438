# Two commands: `make demo` plays a school morning, `make test` passes the tests.
# Each makes .venv ready first. ARGS are passed on: make demo ARGS=--once

ARGS ?=
PYTHON ?=
export PYTHON

.PHONY: demo test check bench lock clean

demo:
	@.ci/prepare run
	@.venv/bin/firstday demo $(ARGS)

test:
	@.ci/prepare test
	@CHROMIUM="$$(cat .venv/chromium-path)" .venv/bin/python -m pytest -n 2 $(ARGS)

check:
	@.ci/prepare test
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

bench:
	@.ci/prepare test
	@.venv/bin/firstday bench $(ARGS)

# New versions of the packages, with hashes and without naming an index.
lock:
	@.ci/prepare test
	printf 'setuptools>=77\n' | $(COMPILE) - -o requirements-build.txt
	$(COMPILE) pyproject.toml -o requirements.txt
	$(COMPILE) --extra test pyproject.toml -o requirements-test.txt

COMPILE = .venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-header

clean:
	rm -rf .venv
