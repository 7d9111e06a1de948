package store

import (
	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

func callsSpec() tableSpec[callKey, aggregate.CallRow] {
	type R = aggregate.CallRow
	return tableSpec[callKey, R]{
		name: "calls_versions", set: aggregate.DrainFigures,
		key: func(r *R) callKey {
			return callKey{r.OrganizationID, r.CallID, r.QueueID, r.CallDate, r.Direction, r.Visit}
		},
		chunk:        func(r *R) int64 { return monthOf(int64(r.CallDate)) },
		organization: func(r *R) uuid.UUID { return r.OrganizationID },
		deleted:      func(r *R) bool { return r.Deleted },
		size: func(r *R) int {
			return len(r.QueueName) + len(r.AgentName) + 16*len(r.AgentIDs) + len(r.Caller) + len(r.EndReason) + len(r.TechReason) +
				len(r.OverflowReason) + len(r.OverflowType) + len(r.IvrPath) + len(r.TransferTarget)
		},
		keep: func(dst, src *R) {
			ids := append(dst.AgentIDs[:0], src.AgentIDs...)
			*dst = *src
			dst.AgentIDs = ids
		},
		columns: append(callKeyColumns(), callColumns()...),
	}
}

func callKeyColumns() []columnOf[aggregate.CallRow] {
	type R = aggregate.CallRow
	return []columnOf[R]{
		idCol("organization_id", func(r *R) uuid.UUID { return r.OrganizationID }),
		dateCol("call_date", func(r *R) int32 { return r.CallDate }),
		idCol("call_id", func(r *R) uuid.UUID { return r.CallID }),
		idCol("queue_id", func(r *R) uuid.UUID { return r.QueueID }),
		enumCol("direction", aggregate.Direct, func(r *R) aggregate.Direction { return r.Direction }),
		uint16Col("visit", func(r *R) uint16 { return r.Visit }),
	}
}

func callColumns() []columnOf[aggregate.CallRow] {
	type R = aggregate.CallRow
	return append([]columnOf[R]{
		enumCol("channel", uint8(ingest.ChannelOther), func(r *R) uint8 { return r.Channel }),
		textCol("queue_name", func(r *R) string { return r.QueueName }),
		instantCol("begun_at", func(r *R) int64 { return r.BegunAt }),
		instantCol("arrived_at", func(r *R) int64 { return r.ArrivedAt }),
		instantCol("answered_at", func(r *R) int64 { return r.AnsweredAt }),
		instantCol("ended_at", func(r *R) int64 { return r.EndedAt }),
		enumCol("outcome", aggregate.NumOutcomes-1, func(r *R) aggregate.Outcome { return r.Outcome }),
		enumCol("transfer", aggregate.TransferQueue, func(r *R) aggregate.Transfer { return r.Transfer }),
		idCol("agent_id", func(r *R) uuid.UUID { return r.AgentID }),
		textCol("agent_name", func(r *R) string { return r.AgentName }),
		col("agent_ids", "Array(UUID)", func(e *entry[R]) []uuid.UUID { return e.row.AgentIDs }),
		uint16Col("offers", func(r *R) uint16 { return r.Offers }),
		int64Col("wait_us", func(r *R) int64 { return r.Wait }),
		int64Col("prompt_us", func(r *R) int64 { return r.Prompt }),
		int64Col("ring_us", func(r *R) int64 { return r.Ring }),
		int64Col("talk_us", func(r *R) int64 { return r.Talk }),
		int64Col("hold_us", func(r *R) int64 { return r.Hold }),
		int64Col("wrap_up_us", func(r *R) int64 { return r.WrapUp }),
		textCol("caller", func(r *R) string { return r.Caller }),
		idCol("callback_id", func(r *R) uuid.UUID { return r.CallbackID }),
		textCol("end_reason", func(r *R) string { return r.EndReason }),
		textCol("tech_reason", func(r *R) string { return r.TechReason }),
		textCol("overflow_reason", func(r *R) string { return r.OverflowReason }),
		textCol("overflow_type", func(r *R) string { return r.OverflowType }),
		textCol("ivr_path", func(r *R) string { return r.IvrPath }),
		textCol("transfer_target", func(r *R) string { return r.TransferTarget }),
		idCol("supervised_by", func(r *R) uuid.UUID { return r.SupervisedBy }),
		int32Col("priority", func(r *R) int32 { return r.Priority }),
		uint16Col("flag_bits", func(r *R) uint16 { return uint16(r.Flags) }),
	}, ownerCols[R]()...)
}
