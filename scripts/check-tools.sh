#!/usr/bin/env bash
# Says which of the named tools are missing, each in one line with its Debian package.
#
#   scripts/check-tools.sh TOOL…              exit 1 where one is missing
#   scripts/check-tools.sh --packages TOOL…   only the packages of the missing ones, for apt-get install
set -euo pipefail

# package NAME → what to install; Go is newer than Debian's.
package() {
	case $1 in
	go) echo golang-go ;;
	git | tar | make | curl | unzip) echo "$1" ;;
	gcc) echo "gcc libc6-dev" ;;
	java) echo openjdk-17-jre-headless ;;
	mvn) echo maven ;;
	npm) echo npm ;;
	chromium) echo "chromium fonts-dejavu-core" ;;
	node) echo nodejs ;;
	sha256sum) echo coreutils ;;
	*)
		echo "check-tools: no tool $1 is known" >&2
		exit 2
		;;
	esac
}

# purpose NAME → what it is for.
purpose() {
	case $1 in
	go) echo "Go 1.26 or later; older ones fetch it themselves" ;;
	gcc) echo "the race detector" ;;
	java) echo "tests against a real Kafka" ;;
	mvn) echo "fetching Kafka's jars" ;;
	npm) echo "fetching the embedded ClickHouse and what the Grafana plugin is built with" ;;
	node) echo "building the Grafana plugin; Node 20 or later" ;;
	chromium) echo "tests of the wallboard page" ;;
	*) echo "build and tests" ;;
	esac
}

only_packages=false
if [ "${1:-}" = --packages ]; then
	only_packages=true
	shift
fi

missing=0
for tool in "$@"; do
	packages=$(package "$tool")
	if command -v "$tool" >/dev/null; then
		continue
	fi
	missing=1
	if $only_packages; then
		echo "$packages"
	else
		echo "$tool is missing ($(purpose "$tool")): apt-get install $packages" >&2
	fi
done
if $only_packages; then
	exit 0
fi
exit "$missing"
