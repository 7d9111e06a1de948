#!/bin/sh
# Fetches the embedded ClickHouse library (libchdb.so, 178 MB to download,
# 566 MB on disk) from its npm package, checks its digest and puts it in place.
#
#   scripts/fetch-engine.sh [DIR]     default: .cache/engine in the repository
#
# Running it again is free: a library with the right digest is left alone.
# The version is pinned because the endpoint in store/embedded depends on this
# library's exact behaviour; a change of version must pass its contract test.
set -eu

package=@chdb/lib-linux-x64-gnu
version=26.7.3-stable.1
digest=36ad4e999882821ef13cf2d0f52c93f48e6ee1b4498b35a201c23ce4b8d15bf5

die() {
	echo "fetch-engine: $*" >&2
	exit 1
}

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
dir=${1:-$root/.cache/engine}
target=$dir/libchdb.so

matches() {
	[ "$(sha256sum "$1" | cut -d' ' -f1)" = "$digest" ]
}

[ "$(uname -s)/$(uname -m)" = Linux/x86_64 ] ||
	die "the library exists for Linux on x86-64 with glibc only; this is $(uname -s) on $(uname -m)"
command -v sha256sum >/dev/null || die "sha256sum is not installed"
mkdir -p "$dir" || die "cannot create $dir"

# The digest of 566 MB takes seconds, so a stamp beside the library remembers
# that this very file (by inode, size and time of change) has passed.
stamp=$dir/.libchdb.verified
identity() {
	echo "$digest $(stat -c '%i %s %Y' "$target")"
}
if [ -f "$target" ]; then
	if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(identity)" ]; then
		exit 0
	fi
	if matches "$target"; then
		identity >"$stamp"
		exit 0
	fi
	echo "fetch-engine: $target is not version $version; replacing it" >&2
fi

command -v npm >/dev/null || die "npm is not installed; install Node.js, or put libchdb.so of $package@$version into $dir by hand"

work=$(mktemp -d "$dir/.fetch.XXXXXX") || die "cannot write to $dir"
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

echo "fetch-engine: fetching $package@$version (178 MB)" >&2
archive=$(cd "$work" && npm pack --silent "$package@$version") ||
	die "npm could not fetch $package@$version"
tar -xzf "$work/$archive" -C "$work" package/libchdb.so || die "$archive holds no libchdb.so"
matches "$work/package/libchdb.so" ||
	die "the sha256 of the fetched libchdb.so is not $digest; nothing was installed"
mv -f "$work/package/libchdb.so" "$target"
identity >"$stamp"
echo "fetch-engine: $target" >&2
