package query

import "time"

// figures writes the condition on rows of reconciliation published in [from, to). A figure is of a local date at most a day
// from the instant in UTC at which it was published, or of the day before. The filter's call lists choose the figures of callback
// lists, its queues and groups those of queues.
func (b *builder) figures(f Filter, from, to time.Time) *builder {
	b.write(`published_at >= {from:DateTime64(6, 'UTC')} AND published_at < {to:DateTime64(6, 'UTC')}
  AND figure_date BETWEEN toDate({from:DateTime64(6, 'UTC')}) - 3 AND toDate({to:DateTime64(6, 'UTC')}) + 1 AND `).instants(from, to).organizations(f)
	if len(f.CallLists) > 0 {
		b.write(" AND (kind != 'CallbackListStatus' OR entity_id IN {call_lists:Array(UUID)})").param("call_lists", texts(f.CallLists))
	}
	if len(f.Queues) > 0 || len(f.Groups) > 0 {
		b.write(` AND (kind = 'CallbackListStatus' OR (organization_id, entity_id) IN (
    SELECT organization_id, queue_id FROM queues_versions FINAL WHERE `).where(f).write("))")
	}
	return b
}

// agreement are the figures of an aggregate over rows of reconciliation. What was shown agrees if it rounds to the vendor's; NULL
// counts for 0, as in the difference.
const agreement = `
    count() AS figures,
    countIf(difference = 0) AS agreed,
    100 * agreed / nullIf(figures, 0) AS agree_percent,
    max(abs(difference)) AS greatest_difference,
    avg(abs(difference)) AS avg_difference,
    countIf(difference != 0 AND figure.explained_by != '') AS explained,
    100 * countIf(isNotNull(shown_then) AND abs(shown_then - ifNull(published, 0)) <= 0.5) / nullIf(countIf(isNotNull(shown_then)), 0) AS shown_agree_percent`

// ReconciliationFields asks how many of the vendor's figures published in [from, to) agree with what the events give, by kind and
// field, those that agree least first. explained_by names the choices under which differences vanish.
func ReconciliationFields(f Filter, from, to time.Time) Statement {
	b := &builder{}
	return b.write(`SELECT
    kind,
    field,`+agreement+`,
    arrayStringConcat(arraySort(groupUniqArrayIf(toString(figure.explained_by), figure.explained_by != '')), ', ') AS explained_by
FROM reconciliation_versions AS figure FINAL
WHERE `).figures(f, from, to).write(`
GROUP BY kind, field
ORDER BY agree_percent, kind, field`).statement()
}

// ReconciliationDrift asks for the same share over time, by kind and by the step in which the figures were published.
func ReconciliationDrift(f Filter, from, to time.Time, step time.Duration) Statement {
	b := (&builder{}).every(step)
	return b.write(`SELECT
    `+everyStep("published_at")+` AS time,
    kind,`+agreement+`
FROM reconciliation_versions AS figure FINAL
WHERE `).figures(f, from, to).write(`
GROUP BY time, kind
ORDER BY time, kind`).statement()
}

// ReconciliationDifferences asks for the single figures published in [from, to) that differ, the greatest difference first.
// entity_name is the queue's name, or the beginning of the callback list's id; queue_id is NULL of a callback list.
func ReconciliationDifferences(f Filter, from, to time.Time, limit int) Statement {
	b := &builder{}
	return b.write(`SELECT
    published_at,
    organization_id,
    figure_date,
    kind,
    field,
    entity_id,
    nullIf(queue_id, toUUID('00000000-0000-0000-0000-000000000000')) AS queue_id,
    if(kind = 'CallbackListStatus', substring(toString(entity_id), 1, 8), queue_name) AS entity_name,
    published,
    recomputed,
    shown_then,
    difference,
    explained_by,
    run_at
FROM (
    SELECT *, if(kind = 'CallbackListStatus', toUUID('00000000-0000-0000-0000-000000000000'), entity_id) AS queue_id
    FROM reconciliation_versions FINAL
    WHERE difference != 0 AND `).figures(f, from, to).write(`
) AS figure`).queueNames(f).write(`
ORDER BY abs(difference) DESC, published_at DESC, organization_id, kind, entity_id, field`).limit(limit, MaxRows).statement()
}
