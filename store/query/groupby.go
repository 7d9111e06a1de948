package query

// GroupBy says what a row is of.
type GroupBy int

// In every statement that takes a GroupBy, rows have the columns organization_id, queue_id, queue_name, group_id and
// group_name; those that do not apply are the nil UUID and ”. In total, organization_id is that of all rows, and nil where
// there are several.
const (
	ByQueue GroupBy = iota
	ByGroup         // of a queue group; a queue in two of them counts in both
	InTotal         // over all queues of the filter
)

const nilUUID = `toUUID('00000000-0000-0000-0000-000000000000')`

// keys are the columns that tell the rows of one step apart. A total has none.
func (g GroupBy) keys() string {
	return [...]string{"r.organization_id, r.queue_id", "r.organization_id, member.group_id", ""}[g]
}

// with adds columns to the keys.
func (g GroupBy) with(columns string) string {
	if k := g.keys(); k != "" {
		return k + ", " + columns
	}
	return columns
}

// groupedBy writes GROUP BY, if there is anything to group by.
func (b *builder) groupedBy(columns string) *builder {
	if columns == "" {
		return b
	}
	return b.write("\nGROUP BY ").write(columns)
}

// named are the five columns of a row that is aggregated from rows `r` of queues, joined with `member`; the name is that of
// the latest row by the column that is written between both halves.
func (b *builder) named(g GroupBy, latest string) *builder {
	switch g {
	case ByQueue:
		return b.write(`
    r.organization_id AS organization_id, r.queue_id AS queue_id, argMax(r.queue_name, r.`).write(latest).write(`) AS queue_name,
    ` + nilUUID + ` AS group_id, '' AS group_name,`)
	case ByGroup:
		return b.write(`
    r.organization_id AS organization_id, ` + nilUUID + ` AS queue_id, '' AS queue_name,
    member.group_id AS group_id, argMax(member.group_name, (member.valid_from, toString(member.queue_id))) AS group_name,`)
	}
	return b.write(`
    if(min(r.organization_id) = max(r.organization_id), min(r.organization_id), ` + nilUUID + `) AS organization_id,
    ` + nilUUID + ` AS queue_id, '' AS queue_name, ` + nilUUID + ` AS group_id, '' AS group_name,`)
}

// membersNow joins rows `r` of queues with the groups that they are in now.
func (b *builder) membersNow(f Filter, g GroupBy) *builder {
	if g != ByGroup {
		return b
	}
	return b.write(`
INNER JOIN (
    SELECT organization_id, queue_id, group_id, any(name) AS group_name, any(changed_at) AS valid_from
    FROM queues_versions FINAL
    ARRAY JOIN group_ids AS group_id, group_names AS name
    WHERE NOT deleted AND `).groups(f).write(`
    GROUP BY organization_id, queue_id, group_id
) AS member ON member.organization_id = r.organization_id AND member.queue_id = r.queue_id`)
}

// membersThen joins rows `r` of queues with the groups that they were in then. Of which instant: see the condition that
// memberAt writes.
func (b *builder) membersThen(f Filter, g GroupBy) *builder {
	if g != ByGroup {
		return b
	}
	return b.write(`
INNER JOIN (
    SELECT organization_id, queue_id, valid_from, ifNull(valid_to, toDateTime64('2299-01-01', 6, 'UTC')) AS until, group_id, min(name) AS group_name
    FROM queue_history
    ARRAY JOIN group_ids AS group_id, group_names AS name
    WHERE `).groups(f).write(`
    GROUP BY organization_id, queue_id, valid_from, until, group_id
) AS member ON member.organization_id = r.organization_id AND member.queue_id = r.queue_id`)
}

// ofQueues is the condition on rows of queues before they are joined with groups: by group the filter chooses the groups
// themselves, whoever is in them now.
func (b *builder) ofQueues(f Filter, g GroupBy) *builder {
	if g == ByGroup {
		f.Groups = nil
	}
	return b.where(f)
}
