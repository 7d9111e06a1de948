package store

import "context"

// Damage is how many parts of a table ClickHouse has found damaged and set aside: rows that it had acknowledged may be
// missing.
type Damage struct {
	Table string `ch:"name"`
	Parts uint64 `ch:"parts"`
}

// Damaged returns the tables with damaged parts, in the order of their names. Parts count until they are dropped or
// attached again; those that somebody detached do not count.
func (db *DB) Damaged(ctx context.Context) ([]Damage, error) {
	var found []Damage
	// A part that was set aside has a reason, which begins its folder's name: there are several for damage.
	err := db.conn.Select(ctx, &found, `SELECT replaceRegexpOne(table, '_versions$', '') AS name, count() AS parts
FROM system.detached_parts WHERE database = currentDatabase() AND startsWith(reason, 'broken') GROUP BY name ORDER BY name`)
	if err != nil {
		return nil, db.fail("look for damaged parts", err)
	}
	return found, nil
}
