# A thin front of Meson. Each target installs the Debian packages it lacks (scripts/packages), builds
# what it needs below build/ and runs.

PORT   ?= 8000
PREFIX ?= /usr/local
BUILD  := build/release

.PHONY: all demo test quick install bench fuzz conformance clean help

help:
	@echo "make demo [PORT=8000]     set up and serve the example site Peak on SQLite"
	@echo "make test                 build and run all tests, with sanitizers, fuzz corpora and browser"
	@echo "make quick                the tests of one plain build, for work in between"
	@echo "make install PREFIX=DIR   install library, headers and the program nuages"
	@echo "make bench                measure against nginx and others"
	@echo "make fuzz [SECONDS=60]    run each fuzz target for that long"
	@echo "make conformance          run the cases obtained from Django"

all: $(BUILD)/build.ninja
	@ninja -C $(BUILD) --quiet

$(BUILD)/build.ninja:
	@scripts/packages install build
	@meson setup $(BUILD) --buildtype=debugoptimized --prefix=/ --libdir=lib -Dtests=false \
	    -Dpkgconfig.relocatable=true >/dev/null

# The library, its headers and the program as they will be installed. Nothing in them knows where they
# are, so the folder can be copied anywhere.
STAGE := build/stage
.PHONY: $(STAGE)
$(STAGE): all
	@DESTDIR=$(CURDIR)/$(STAGE) meson install -C $(BUILD) --quiet --only-changed >/dev/null

demo: $(STAGE)
	@scripts/demo $(PORT)

test:
	@scripts/packages install test
	@scripts/test all

quick:
	@scripts/packages install test
	@scripts/test quick

install: $(STAGE)
	@mkdir -p $(PREFIX) && cp -a $(STAGE)/. $(PREFIX)/
	@echo "Installed in $(abspath $(PREFIX)). Make a project with: $(abspath $(PREFIX))/bin/nuages startproject mysite"

bench:
	@scripts/packages install bench
	@bench/run

SECONDS ?= 60
fuzz:
	@scripts/packages install fuzz
	@scripts/fuzz $(SECONDS)

conformance:
	@scripts/packages install test
	@scripts/test conformance

clean:
	rm -rf build
	$(MAKE) -C examples/peak clean
