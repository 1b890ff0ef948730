# The front door: every target sets the machine up first. What meson or a script in tools/ can hold is there.
BUILD := build
JOBS ?= $(shell nproc)
export JOBS

.PHONY: build configure setup install demo test check bench fuzz format docs deb deb-check clean help
.DEFAULT_GOAL := build

# What the demo needs, to have it within a minute or two of the first make; and for the table on a terminal.
DEMO_PARTS := app/vmbus-host app/libvmbus_face.so drivers/librte_net_netvsc_uio.so
# There when the demo was the first make, and the libraries of the tests may be missing: they are no part of the build.
FOR_DEMO := $(BUILD)/for-demo

build: configure ## compile everything into build/
	@ninja -C $(BUILD) -j $(JOBS)

configure: setup
	@[ -e $(BUILD)/build.ninja ] || meson setup $(BUILD)
	@[ ! -e $(FOR_DEMO) ] || { meson configure $(BUILD) -Dtests=true && rm $(FOR_DEMO); }

setup: ## install what is missing on this Debian 12 machine
	@tools/setup

install: build ## install below PREFIX (/usr/local) and the plugins where DPDK looks; DESTDIR is heeded
	@meson configure $(BUILD) --prefix $(or $(PREFIX),/usr/local)
	@meson install -C $(BUILD)

demo: ## two emulated NICs, stock testpmd with our driver, pcap in, pcap out; on a terminal, a live table
	@tools/setup demo
	@[ -e $(BUILD)/build.ninja ] || { meson setup $(BUILD) -Dtests=false && touch $(FOR_DEMO); }
	@ninja -C $(BUILD) -j $(JOBS) $(DEMO_PARTS) $$([ ! -t 1 ] || echo app/netvsc-fwd)
	@tools/demo

test: build ## all unit, model, end-to-end and interop tests
	@tools/run-tests $(BUILD)

check: ## everything CI runs: format, lints, gcc, clang, tests, sanitizers, Arm, fuzz smoke
	@tools/setup check
	@tools/check

bench: build ## ratio tables against the system's driver and rte_ring
	@tools/setup bench
	@tools/bench

fuzz: ## fuzz one parser: make fuzz F=rndis T=600
	@tools/setup check
	@tools/fuzz $(or $(F),$(error F=name is missing, as in: make fuzz F=rndis T=600)) $(or $(T),60)

format: ## format all C++ files in place
	@tools/setup check
	@tools/cxx-files | xargs -r clang-format -i

docs: ## the documentation site, in build/docs/html
	@tools/setup docs
	@tools/docs

deb: ## Debian packages in build/deb, judged by lintian
	@tools/setup deb
	@tools/deb

deb-check: deb ## install them on a clean system, do the demo there, and what a newcomer types (minutes)
	@tools/check-deb
	@tools/check-newcomer

clean: ## remove the build folders; the fetched headers in .deps/ stay
	@rm -rf build build-asan build-tsan build-fuzz build-aarch64 build-bench-release

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 10
