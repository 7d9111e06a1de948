package query

// What Board and Rolling share: the present of each organization, and the live service level of each queue, over
// queue_status_now_versions joined with what has the columns threshold_us, target and level_….

// presentAndOffered begins a statement with the instant `at` up to which waits run, and the service level's denominator.
const presentAndOffered = `WITH
    greatest(observed_at, horizon) AS last_event_at,
    if(last_event_at < {now:DateTime64(6, 'UTC')} - INTERVAL 1 HOUR, last_event_at, {now:DateTime64(6, 'UTC')}) AS at,
    level_answered + level_abandoned + level_failed + waiting_beyond_threshold AS offered
SELECT
    organization_id,
    queue_id,
    queue_name,`

// liveLevel writes the columns of the live service level, and where they come from up to the organization's horizon.
func (b *builder) liveLevel(f Filter) *builder {
	return b.write(`
    if(threshold_us = 0, NULL, threshold_us / 1e6) AS service_level_threshold_sec,
    if(threshold_us = 0, NULL, target) AS service_level_target,
    if(threshold_us = 0, 0, toInt64(arrayCount(since -> since < at - toIntervalMicrosecond(threshold_us), waiting_since))) AS waiting_beyond_threshold,
    if(threshold_us = 0, NULL, 100 * level_met / nullIf(offered - level_short_abandons, 0)) AS service_level_ignore_short_abandons,
    if(threshold_us = 0, NULL, 100 * level_met / nullIf(offered, 0)) AS service_level_all_offered,
    if(threshold_us = 0, NULL, 100 * level_met / nullIf(level_answered, 0)) AS service_level_answered_only,
    if(threshold_us = 0, NULL, 100 * (level_met + level_short_abandons) / nullIf(offered, 0)) AS service_level_short_abandons_met
FROM queue_status_now_versions AS status FINAL
LEFT JOIN (
    SELECT organization_id, max(horizon) AS horizon FROM accounting_versions FINAL
    WHERE `).organizations(f).write(` GROUP BY organization_id) AS account USING (organization_id)`)
}
