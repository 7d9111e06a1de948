package recompute

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"ringside/store"
)

// scratch is the database that everything is computed into before it is compared.
type scratch struct {
	name string
	db   *store.DB
}

const (
	scratchPrefix = "ringside_recompute_"
	// scratchAge is how long a scratch database of a server is taken to be in use: nothing locks a server.
	scratchAge = 7 * 24 * time.Hour
)

func (r *Recompute) newScratch(ctx context.Context) (*scratch, error) {
	var random [4]byte
	_, _ = rand.Read(random[:]) // it never fails
	s := &scratch{name: fmt.Sprintf("%s%d_%x", scratchPrefix, time.Now().Unix(), random)}
	var err error
	if s.db, err = r.store.OpenDatabase(ctx, s.name); err != nil {
		return nil, err
	}
	if err = s.db.Migrate(ctx); err == nil {
		err = r.exec(ctx, "CREATE TABLE "+s.table("late_input")+" AS "+r.main("late_events_versions"))
	}
	if err == nil {
		err = r.exec(ctx, "CREATE TABLE "+s.table("late_copies")+" (event_id UUID) ENGINE = MergeTree ORDER BY event_id")
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("recompute needs a scratch database beside the store's, which it drops at the end: %w", err),
			s.drop(context.WithoutCancel(ctx), r.db))
	}
	return s, nil
}

func (s *scratch) table(name string) string { return "`" + s.name + "`." + name }

func (s *scratch) drop(ctx context.Context, db *store.DB) error {
	err := s.db.Close()
	if errDrop := dropDatabase(ctx, db, s.name); errDrop != nil {
		err = errors.Join(err, errDrop)
	}
	return err
}

func dropDatabase(ctx context.Context, db *store.DB, name string) error {
	if err := db.Conn().Exec(ctx, "DROP DATABASE IF EXISTS `"+name+"` SYNC"); err != nil {
		return fmt.Errorf("drop the scratch database %s: %w", name, err)
	}
	return nil
}

// dropLeftovers drops the scratch databases of runs that were killed.
func (r *Recompute) dropLeftovers(ctx context.Context) error {
	rows, err := r.db.Conn().Query(ctx, "SELECT name FROM system.databases WHERE startsWith(name, '"+scratchPrefix+"')")
	if err != nil {
		return fmt.Errorf("list databases: %w", err)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return fmt.Errorf("list databases: %w", err)
		}
		if isScratch, at := scratchTime(name); isScratch && (r.Config.Store.Embedded || time.Since(at) > scratchAge) {
			names = append(names, name)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("list databases: %w", err)
	}
	for _, name := range names {
		if err := dropDatabase(ctx, r.db, name); err != nil {
			return err
		}
	}
	return nil
}

// scratchTime reads the time out of a scratch database's name.
func scratchTime(name string) (is bool, at time.Time) {
	second, random, ok := strings.Cut(strings.TrimPrefix(name, scratchPrefix), "_")
	n, err := strconv.ParseInt(second, 10, 64)
	if !ok || err != nil || len(random) != 8 || !strings.HasPrefix(name, scratchPrefix) {
		return false, at
	}
	return true, time.Unix(n, 0)
}

// main names a table of the store's own database.
func (r *Recompute) main(table string) string { return in(r.db, table) }

func in(db *store.DB, table string) string { return "`" + db.Database() + "`." + table }

func (r *Recompute) exec(ctx context.Context, statement string, parameters ...any) error {
	if err := r.db.Conn().Exec(ctx, statement, parameters...); err != nil {
		first, _, _ := strings.Cut(statement, "\n")
		return fmt.Errorf("%.80s: %w", first, err)
	}
	return nil
}
