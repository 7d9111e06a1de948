#!/bin/bash
# Makes Ringside's roles and users when ClickHouse starts with an empty volume.
set -euo pipefail
sha256() { printf %s "$1" | sha256sum | cut -c1-64; }
sed -e "s/@WRITER_SHA256@/$(sha256 "$RINGSIDE_WRITER_PASSWORD")/" -e "s/@READER_SHA256@/$(sha256 "$RINGSIDE_READER_PASSWORD")/" /ringside/roles.sql |
  clickhouse-client --user "$CLICKHOUSE_USER" --password "$CLICKHOUSE_PASSWORD" --multiquery
