# One short command for each thing one does here; `make help` lists them.

SHELL       := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VERSION := $(shell git describe --always --dirty 2>/dev/null || echo unknown)
# No true clock shows less; the go command tells of it only where it may look into git.
COMMITTED := $(shell git show -s --format=%cI 2>/dev/null)
TOOLS   := $(CURDIR)/packaging/tools/go.mod
LINT    := go tool -modfile="$(TOOLS)" golangci-lint

# Modules beside the main one, kept apart so that go.mod stays small.
NESTED := $(patsubst %/go.mod,%,$(wildcard sync/*/interop/go.mod))

# How much is tried can be set: percent of each test's full count (the tests
# take 10 when it is not set) and the time for each fuzz target.
#   make test LAMPPOST_COUNT=50 FUZZTIME=20s

.PHONY: help
help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## static programs into bin/
	@CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION) -X main.committed=$(COMMITTED)" -o bin/ ./cmd/...

.PHONY: webui
webui: ## the pages' scripts and the small map of the world, with npm; without them every page works all the same
	@cd webui && npm ci --ignore-scripts --no-audit --no-fund --silent && npm run -s check && npm run -s test && npm run -s build && npm run -s world

.PHONY: browse
browse: webui build ## the pages in a real browser (Chromium), at real hubs
	cd webui && node --test --test-concurrency=1 e2e/*.test.mjs

.PHONY: screenshots
screenshots: VERSION := $(VERSION:-dirty=)
screenshots: webui build ## the pictures in the README, taken of real hubs
	cd webui && node e2e/screenshots.mjs

.PHONY: run
run: build ## a hub with its own new community in .lamppost, at http://localhost:8080
	bin/lamppost run --data .lamppost --found "My street" --http 127.0.0.1:8080

.PHONY: demo
demo: build ## three hubs of a made-up town in a line on this machine; type "cut 1 2", "mend 1 2", "kill 2", "quit"
	bin/lamppost demo

# The field tests measure and run by themselves: what else runs would slow them.
FIELD  = ./cmd/internal/fieldtest
OTHERS = $$(go list ./... | grep -v /cmd/internal/fieldtest)

.PHONY: test
test: ## all tests with a tenth of the full counts, and 5 s for each fuzz target
	go test -timeout 30m -parallel 4 $(OTHERS)
	@$(MAKE) --no-print-directory field
	@for dir in $(NESTED); do go test -C "$$dir" -timeout 30m ./...; done
	packaging/fuzz.sh $(or $(FUZZTIME),5s)

.PHONY: field
field: ## real hubs in network namespaces, as root: partitions, loss, slow and one-way links
	go test -timeout 30m -parallel 5 $(FIELD)

.PHONY: race
race: ## the short tests under the race detector, with a hundredth of the counts
	LAMPPOST_COUNT=1 go test -race -short -timeout 30m ./...

.PHONY: lint
lint: ## formatting, vet, the pinned linters, the rules of the repository's layout
	@bad=$$(gofmt -l $(wildcard cmd hub sync apps webui packaging)); if [ -n "$$bad" ]; then echo "not formatted (gofmt -w):"; echo "$$bad"; exit 1; fi
	go vet ./...
	go test ./packaging
	$(LINT) run ./...
	@for dir in $(NESTED); do (cd "$$dir" && go vet ./... && $(LINT) run ./...); done

.PHONY: fuzz
fuzz: ## every fuzz target, FUZZTIME each (60 s)
	packaging/fuzz.sh $(or $(FUZZTIME),60s)

.PHONY: bench
bench: build ## the measurements, one JSON line a result; fails where a target is missed
	@bin/lampbench

.PHONY: check
check: webui build test browse race lint ## scripts, build, tests, browser, race, lint: what CI runs

# The flag -rapid.checks exists only in test programs that link rapid.
RAPID = $$(go list -test -f '{{$$p := .ImportPath}}{{range .Deps}}{{if eq . "pgregory.net/rapid"}}{{$$p}}{{"\n"}}{{end}}{{end}}' ./... | sed -n 's/\.test$$//p')

.PHONY: soak
soak: ## all tests with the full counts, and 60 s for each fuzz target; takes long
	@export LAMPPOST_COUNT=100; rapid="$(RAPID)"; \
	go test -count=1 -timeout 120m $$(printf '%s\n' $(OTHERS) | grep -vxF "$${rapid:-none}"); \
	if [ -n "$$rapid" ]; then go test -count=1 -timeout 120m $$rapid -rapid.checks=1000; fi
	@for dir in $(NESTED); do LAMPPOST_COUNT=100 go test -C "$$dir" -count=1 -timeout 120m ./...; done
	LAMPPOST_COUNT=100 $(MAKE) --no-print-directory field
	packaging/fuzz.sh $(or $(FUZZTIME),60s)

.PHONY: clean
clean: ## remove what the build made; a hub's data in .lamppost stays
	rm -rf bin dist
