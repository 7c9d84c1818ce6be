# `make` builds, `make help` lists the rest. Everything that is made goes to out/ and .build/.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory --no-builtin-rules

OUT := out
VERSION := $(shell cat VERSION)
ARCHITECTURE := $(shell dpkg --print-architecture 2>/dev/null || uname -m)
DEB := $(OUT)/isolated_$(VERSION)_$(ARCHITECTURE).deb

# `make install` puts a build under $(DESTDIR)$(PREFIX).
PREFIX ?= /usr/local
DESTDIR ?=
SYSCONFDIR ?= /etc

# Seconds for each fuzzer of `make fuzz`, and for each of `make test`.
FUZZ_SECONDS ?= 600
SHORT_FUZZ_SECONDS ?= 20

# Static, so that one binary runs on every distribution and starts without a dynamic linker. lld drops the sections that
# nobody reaches, and is silent about the calls of FoundationEssentials that static glibc can't serve:
# scripts/check-static-calls sees to it that none of them is ours. What a start touches is linked side by side, which
# saves page faults: scripts/startup-order makes that list anew.
SWIFT_RELEASE := swift build --configuration release -Xswiftc -static-executable -Xswiftc -use-ld=lld \
  -Xlinker --symbol-ordering-file=$(CURDIR)/packaging/startup-order.txt -Xlinker --no-warn-symbol-ordering

# tenant-init has no C library: no start files, no thread-local storage (hence no stack protector), and its own memcpy,
# which the compiler mustn't recognise and turn into a call of itself.
CC := gcc
C_WARNINGS := -std=c17 -Wall -Wextra -Werror
INIT_CFLAGS := $(C_WARNINGS) -Os -ffreestanding -fno-pie -fno-stack-protector -fstack-clash-protection \
  -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns -ffunction-sections -fdata-sections
ifeq ($(shell uname -m),x86_64)
INIT_CFLAGS += -fcf-protection=full
else ifeq ($(shell uname -m),aarch64)
INIT_CFLAGS += -mbranch-protection=standard
endif
INIT_LDFLAGS := -static -nostdlib -no-pie \
  -Wl,--gc-sections,--build-id=none,--fatal-warnings,-z,noexecstack,-z,relro,-z,now,-z,separate-code
INIT_INCLUDES := -ISources/CTenantPlan/include -ISources/tenant-init
INIT_SOURCES := $(wildcard Sources/tenant-init/*.c)
INIT_HEADERS := $(wildcard Sources/tenant-init/*.h Sources/CTenantPlan/include/*.h)

# The IO sensor's BPF program, the same for every kernel: libbpf fits it to the running one (CO-RE, hence -g). Version 3 of
# the instruction set has the atomic operations. linux/types.h is the build machine's.
CLANG := clang
BPF_CFLAGS := -target bpf -mcpu=v3 -std=gnu17 -Wall -Wextra -Werror -O2 -g -ISources/CIOLatency/include \
  -idirafter /usr/include/$(shell gcc -print-multiarch)
BPF_SOURCES := $(wildcard Sources/iolatency/*.bpf.c)
BPF_HEADERS := $(wildcard Sources/iolatency/*.h) Sources/CIOLatency/include/ciolatency_layout.h

BUILD_LISTS := packaging/build-depends.txt $(wildcard Tests/Lab/packages.txt)

.PHONY: help deps build lint test lab demo install deb bench bench-io bench-io-quick fuzz torture clean FORCE

help: ## lists what can be made
	@sed -n 's/^\([a-z][a-z -]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

deps: ## installs the Debian packages that are missing (asks sudo when not root)
	@scripts/deps $(BUILD_LISTS)

build: $(OUT)/isolated $(OUT)/isoctl $(OUT)/tenant-init $(OUT)/iolatency.bpf.o ## builds the static binaries into out/

# SwiftPM knows what is out of date; the copy keeps its time when nothing changed.
$(OUT)/isolated $(OUT)/isoctl: $(OUT)/%: FORCE | $(OUT)
	@$(SWIFT_RELEASE) --product $*
	@binary=$$($(SWIFT_RELEASE) --show-bin-path)/$*; \
	if [[ ! -e $@ || $$binary -nt $@ ]]; then strip --output-file=$@ "$$binary"; fi

# One after the other: SwiftPM locks its directory.
$(OUT)/isoctl: | $(OUT)/isolated

$(OUT)/tenant-init: $(INIT_SOURCES) $(INIT_HEADERS) Makefile | $(OUT)
	@[[ -n "$(INIT_SOURCES)" ]] || { echo "no C source in Sources/tenant-init" >&2; exit 1; }
	$(CC) $(INIT_CFLAGS) $(INIT_INCLUDES) $(INIT_LDFLAGS) -o $@ $(INIT_SOURCES)
	@strip $@

$(OUT)/iolatency.bpf.o: $(BPF_SOURCES) $(BPF_HEADERS) Makefile | $(OUT)
	$(CLANG) $(BPF_CFLAGS) -c -o $@ $(BPF_SOURCES)
	@llvm-objcopy --strip-debug $@

$(OUT):
	@mkdir -p $@

lint: ## checks style, warnings, imports and scripts
	@scripts/lint

test: ## everything that has to hold: lint, units, sanitizers, the lab's tests, short fuzzing
	@SHORT_FUZZ_SECONDS=$(SHORT_FUZZ_SECONDS) scripts/test

lab: deps deb ## builds the guest image when needed, boots it and prints its state
	@Tests/Lab/run scripts/lab-status

demo: deps build ## shows tenants under quotas beside a hostile neighbour
	@scripts/demo

install: ## copies what was built under $(DESTDIR)$(PREFIX)
	@DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' SYSCONFDIR='$(SYSCONFDIR)' OUT='$(OUT)' scripts/install

deb: $(DEB) ## packs out/isolated_VERSION_ARCHITECTURE.deb

PACKED := $(wildcard systemd/* packaging/* packaging/debian/* policies/* completions/* man/* monitoring/* docs/*.md) \
  scripts/install README.md LICENSE VERSION
$(DEB): $(OUT)/isolated $(OUT)/isoctl $(OUT)/tenant-init $(OUT)/iolatency.bpf.o $(PACKED)
	@OUT='$(OUT)' packaging/build-deb $@

bench: deps build ## measures start-up, memory and leaks beside the peers
	@Benchmarks/run

bench-io: deps deb ## measures the IO scheduler beside the kernel's mechanisms: three hours, goes on when run again
	@Benchmarks/io/run --deb '$(DEB)'

bench-io-quick: deps deb ## the same on two disks and in ten minutes
	@Benchmarks/io/run --quick --deb '$(DEB)'

fuzz: deps ## runs every fuzzer for FUZZ_SECONDS=600
	@scripts/fuzz $(FUZZ_SECONDS)

torture: deps deb ## runs the lab's long tests
	@Tests/Lab/torture

clean: ## removes what was made, apart from the lab's cached image
	rm -rf $(OUT) .build
