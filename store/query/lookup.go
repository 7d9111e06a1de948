package query

// What pick-lists are filled from: value, the id that filters take; text, what people call it, the id where it has no name;
// organization. Those whose text contains `search`, in whatever case, in order of the text, as many as limit, at most MaxRows.

// matching writes the condition on the text of a pick-list. Every text contains "".
const matching = `
WHERE positionCaseInsensitiveUTF8(text, {search:String}) > 0
ORDER BY lowerUTF8(text), text, organization, value`

func (b *builder) pick(search string, limit int) Statement {
	return b.write(matching).param("search", search).limit(limit, MaxRows).statement()
}

// LookupOrganizations asks for the organizations that were ever seen. They have no names.
func LookupOrganizations(f Filter, search string, limit int) Statement {
	b := &builder{}
	return b.write(`SELECT value, text, organization FROM (
    SELECT toString(organization_id) AS value, value AS text, organization_id AS organization
    FROM organizations_versions FINAL WHERE `).organizations(f).write(")").pick(search, limit)
}

// LookupGroups asks for the queue groups of now.
func LookupGroups(f Filter, search string, limit int) Statement {
	b := &builder{}
	return b.write(`SELECT value, text, organization FROM (
    SELECT toString(group_id) AS value, if(group_name = '', value, group_name) AS text, organization_id AS organization
    FROM queue_groups WHERE `).groups(f).write(")").pick(search, limit)
}

// LookupQueues asks for the queues that are not deleted.
func LookupQueues(f Filter, search string, limit int) Statement {
	b := &builder{}
	return b.write(`SELECT value, text, organization FROM (
    SELECT toString(queue_id) AS value, if(queue_name = '', value, queue_name) AS text, organization_id AS organization
    FROM queues_versions FINAL WHERE NOT deleted AND `).where(f).write(")").pick(search, limit)
}

// LookupAgents asks for the agents; where queues or groups are chosen, those attached to one of them now.
func LookupAgents(f Filter, search string, limit int) Statement {
	b := &builder{}
	return b.write(`SELECT value, text, organization FROM (
    SELECT toString(agent_id) AS value, if(agent_name = '', value, agent_name) AS text, organization_id AS organization
    FROM agents_versions FINAL WHERE `).agents(f).write(")").pick(search, limit)
}

// LookupCallLists asks for the callback lists, to which the vendor gives no names: the beginning of the id stands for one.
func LookupCallLists(f Filter, search string, limit int) Statement {
	b := &builder{}
	return b.write(`SELECT value, text, organization FROM (
    SELECT toString(list_id) AS value, substring(value, 1, 8) AS text, list_id AS call_list_id, organization_id, organization_id AS organization
    FROM callback_lists_versions FINAL WHERE `).lists(f).write(")").pick(search, limit)
}

// Schema asks for the columns of the views, for completion: table, column, type, comment. The tables behind them, and the views of the
// engine's own state, are left out.
func Schema() Statement {
	return Statement{SQL: `SELECT table, name AS column, type, comment
FROM system.columns
WHERE database = currentDatabase()
  AND table IN (SELECT name FROM system.tables WHERE database = currentDatabase() AND engine = 'View')
  AND table NOT IN ('checkpoints', 'checkpoint_manifests', 'flush_marks', 'schema_migrations')
ORDER BY table, position`}
}
