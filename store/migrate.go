package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"

	"ringside/store/schema"
)

// Errors of Migrate.
var (
	// ErrSchemaNewer: the database was migrated by a newer Ringside.
	ErrSchemaNewer = errors.New("the database was migrated by a newer version of Ringside")
	// ErrMigrationChanged: a migration that was applied differs from the one in this binary.
	ErrMigrationChanged = errors.New("an applied migration differs from this version of Ringside")
)

// migrations is a variable for tests.
var migrations = schema.All

// Migrate creates the database if need be and applies the migrations that are missing. It may be called on every
// start, and by several processes at once: every statement can be repeated. It refuses a database that a newer
// Ringside has migrated ([ErrSchemaNewer]) or whose history differs ([ErrMigrationChanged]).
func (db *DB) Migrate(ctx context.Context) error {
	if err := db.createDatabase(ctx); err != nil {
		return err
	}
	if err := db.conn.Exec(ctx, `CREATE TABLE IF NOT EXISTS schema_migrations
(
    version    UInt32,
    name       String,
    checksum   FixedString(64),
    applied_at DateTime64(6, 'UTC') DEFAULT now64(6)
)
ENGINE = ReplacingMergeTree ORDER BY version`); err != nil {
		return db.fail("create schema_migrations", err)
	}
	applied, err := db.appliedMigrations(ctx)
	if err != nil {
		return err
	}
	known := migrations()
	if err := checkApplied(applied, known); err != nil {
		return err
	}
	for _, m := range known {
		if _, done := applied[m.Version]; done {
			continue
		}
		if err := db.apply(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

func (db *DB) createDatabase(ctx context.Context) error {
	admin, err := db.withDatabase("")
	if err != nil {
		return err
	}
	defer admin.Close()
	// The name is checked by driverOptions: an identifier cannot be a parameter here.
	if err := admin.Exec(ctx, "CREATE DATABASE IF NOT EXISTS `"+db.database+"`"); err != nil {
		return db.fail("create database "+db.database, err)
	}
	return nil
}

type appliedMigration struct{ name, checksum string }

func (db *DB) appliedMigrations(ctx context.Context) (map[uint32]appliedMigration, error) {
	rows, err := db.conn.Query(ctx, "SELECT version, name, checksum FROM schema_migrations FINAL ORDER BY version")
	if err != nil {
		return nil, db.fail("read schema_migrations", err)
	}
	defer rows.Close()
	applied := map[uint32]appliedMigration{}
	for rows.Next() {
		var version uint32
		var m appliedMigration
		if err := rows.Scan(&version, &m.name, &m.checksum); err != nil {
			return nil, db.fail("read schema_migrations", err)
		}
		applied[version] = m
	}
	if err := rows.Err(); err != nil {
		return nil, db.fail("read schema_migrations", err)
	}
	return applied, nil
}

func checkApplied(applied map[uint32]appliedMigration, known []schema.Migration) error {
	byVersion := map[uint32]schema.Migration{}
	for _, m := range known {
		byVersion[m.Version] = m
	}
	var unknown []string
	for version, a := range applied {
		m, ok := byVersion[version]
		switch {
		case !ok:
			unknown = append(unknown, a.name)
		case checksum(m) != a.checksum:
			return fmt.Errorf("store: migration %s: %w (applied with checksum %.12s, here %.12s)", a.name, ErrMigrationChanged,
				a.checksum, checksum(m))
		}
	}
	if len(unknown) > 0 {
		sort.Strings(unknown)
		return fmt.Errorf("store: %w: this one does not know %s", ErrSchemaNewer, strings.Join(unknown, ", "))
	}
	return nil
}

func (db *DB) apply(ctx context.Context, m schema.Migration) error {
	for i, statement := range m.Statements {
		if err := db.conn.Exec(ctx, statement); err != nil {
			return db.fail(fmt.Sprintf("migration %s, statement %d (%s)", m.Name, i+1, firstLine(statement)), err)
		}
	}
	err := db.conn.Exec(ctx, `INSERT INTO schema_migrations (version, name, checksum)
SELECT {version:UInt32}, {name:String}, {checksum:String}`,
		clickhouse.Named("version", m.Version), clickhouse.Named("name", m.Name), clickhouse.Named("checksum", checksum(m)))
	if err != nil {
		return db.fail("record migration "+m.Name, err)
	}
	return nil
}

// checksum covers the statements, not the comments between them.
func checksum(m schema.Migration) string {
	sum := sha256.Sum256([]byte(strings.Join(m.Statements, ";\n")))
	return hex.EncodeToString(sum[:])
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
