# Everything that is done with Ringside's source. `make` alone lists it.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

ENGINE_DIR := .cache/engine
# A release has a tag; without one the binary names its commit.
VERSION ?= $(shell git describe --tags --match 'v[0-9]*' --always --dirty 2>/dev/null)
# How many crash points `make soak` adds to the report, and the seed it begins with where there are none yet.
POINTS ?= 20000
SEED ?= 1
SOAK = RINGSIDE_SOAK_REPORT='$(CURDIR)/benchmarks/results/soak.md' go test -count 1 -v -timeout 0
# What `make test` tests.
PACKAGES ?= ./...
LDFLAGS := -s -w -X ringside/internal/cli.Version=$(VERSION)

# Packages that start no goroutine: the race detector has nothing to find there, costs their long tests ten times the
# time, and makes allocations that their allocation tests would count. And the tests that start whole processes, whose
# code is that of the packages tested with it: a day through Kafka runs with it too.
PLAIN_PACKAGES := aggregate,ingest/scan,ingest/vendors,internal/cli,internal/sim,store/query
RACED := internal/cli:^TestDayThroughKafkaIsTheTruth$$/shuffled_true
# Simulated crashes happen one after the other: with the race detector a few do, without it the whole sample.
UNRACED := internal/engine:^TestCrashes$$

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: build engine ## run the whole system on this machine: broker, store, simulated contact centre, wallboard
	bin/ringside demo

.PHONY: build
build: binary ## build bin/ringside, one binary that needs nothing but glibc, and the Grafana plugin
	@$(MAKE) --no-print-directory -C grafana-plugin build

.PHONY: binary
binary:
	@scripts/check-tools.sh go
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/ringside .

.PHONY: test
test: ## run all tests, with the race detector where it counts: the engine's, the plugin's, its editors'
	@scripts/check-tools.sh go git node npm
	@$(MAKE) --no-print-directory -C grafana-plugin build
	@$(MAKE) --no-print-directory --keep-going engine kafka-jars || [ "$${RINGSIDE_TEST_ALL:-}" != 1 ]
	go run ./internal/testreport -timeout 45m -plain $(PLAIN_PACKAGES) -raced '$(RACED)' -unraced '$(UNRACED)' \
		$(if $(filter ./...,$(PACKAGES)),-module grafana-plugin -npm grafana-plugin) $(PACKAGES)

.PHONY: check
check: ## formatting, go vet, staticcheck, import directions, shell syntax; the plugin's types and lint; the forwarders' lint
	@scripts/check-tools.sh go git
	@unformatted=$$(find . \( -name .cache -o -name node_modules -o -name .git \) -prune -o -name '*.go' -print0 | xargs -0 gofmt -l); \
	if [ -n "$$unformatted" ]; then printf 'not formatted, run gofmt -w on:\n%s\n' "$$unformatted"; exit 1; fi
	@for script in scripts/*.sh deploy/*/*.sh .ci/run; do bash -n "$$script"; done
	go vet ./...
	go tool staticcheck ./...
	go test ./internal/layout
	@$(MAKE) --no-print-directory -C grafana-plugin check
	grafana-plugin/node_modules/.bin/eslint --max-warnings 0 --config deploy/forwarders/eslint.config.mjs deploy/forwarders

.PHONY: bench
bench: binary engine ## measure this machine: Go benchmarks of the hot paths, then the whole system
	go test -run '^$$' -bench 'Apply|OpenVisits|Simulated|Decode' -benchtime 200000x ./benchmarks
	go test -run '^$$' -bench Fetch -benchtime 3x ./benchmarks
	go test -run '^$$' -bench 'Checkpoint|Restart' -benchtime 5x ./benchmarks
	bin/ringside bench

.PHONY: mutants
mutants: engine ## plant bugs, one at a time: each has to be caught by the test that is named for it
	@scripts/check-tools.sh go
	go run ./internal/mutants $(if $(RUN),-run '$(RUN)') $(if $(SAMPLE),-sample $(SAMPLE) -seed $(or $(SEED),1))

.PHONY: soak
soak: engine kafka-jars ## the long proofs, hours of them; each goes on after its last seed in benchmarks/results/soak.md
	RINGSIDE_SOAK_SEEDS=10000 RINGSIDE_SOAK_FUZZ=10000000 $(SOAK) ./internal/soak
	RINGSIDE_SOAK_KILLS=200 $(SOAK) -run '^TestKillsSoak$$' ./internal/cli
	RINGSIDE_SOAK_POINTS=$(POINTS) $(SOAK) -run '^TestCrashSoak$$' ./internal/engine -crash.seed $(SEED)
	RINGSIDE_SOAK_OUTAGE=30 $(SOAK) -run '^TestOutageSoak$$' ./internal/cli
	RINGSIDE_SOAK_GATEWAY=10m $(SOAK) -run '^TestGatewaySoak$$' ./internal/cli
	RINGSIDE_SOAK_PEAK=24 $(SOAK) -run '^TestPeak$$' ./internal/engine

.PHONY: engine
engine: ## fetch the embedded ClickHouse into .cache/engine (178 MB, once)
	@scripts/check-tools.sh npm tar sha256sum
	@scripts/fetch-engine.sh $(ENGINE_DIR)

.PHONY: kafka-jars
kafka-jars: ## fetch an Apache Kafka for the tests into .cache/kafka (120 MB, once) and try it
	@scripts/check-tools.sh java mvn
	@ls -d .cache/kafka/*/libs >/dev/null 2>&1 || RINGSIDE_TEST_ALL=1 go test -count=1 ./ingest/kafka/kafkatest
