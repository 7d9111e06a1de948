// Package storetest reads what is in a store, for the tests of several packages.
package storetest

import (
	"encoding/json"
	"io"
	"math"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"ringside/aggregate"
)

// Query runs a query on the store of a test and returns its output as ClickHouse formats it.
type Query func(query string) string

// HTTP queries a database through ClickHouse's HTTP interface; the address has the credentials. What goes wrong ends the
// test.
func HTTP(tb testing.TB, address, database string) Query {
	return func(query string) string {
		tb.Helper()
		res, err := http.Post(address+"/?database="+url.QueryEscape(database), "text/plain", strings.NewReader(query))
		if err != nil {
			tb.Fatalf("%s: %v", query, err)
		}
		defer func() { _ = res.Body.Close() }()
		text, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != http.StatusOK {
			tb.Fatalf("%s: %s: %s %v", query, res.Status, text, err)
		}
		return string(text)
	}
}

// JSON reads the rows of a query that selects columns by the names of R's fields, or of their tags.
func JSON[R any](tb testing.TB, q Query, query string) (rows []R) {
	tb.Helper()
	text := q(query + " FORMAT JSONEachRow SETTINGS output_format_json_quote_64bit_integers = 0")
	d := json.NewDecoder(strings.NewReader(text))
	for d.More() {
		var r R
		if err := d.Decode(&r); err != nil {
			tb.Fatalf("%s: %v", query, err)
		}
		rows = append(rows, r)
	}
	return rows
}

// Rows reads the current rows through the plain views, as an analyst does.
func Rows(tb testing.TB, q Query) *aggregate.Rows {
	tb.Helper()
	rows := &aggregate.Rows{}
	for _, r := range JSON[callOfView](tb, q, callsSelect) {
		rows.Calls = append(rows.Calls, r.row(tb))
	}
	for _, r := range JSON[windowOfView](tb, q, "SELECT *, toInt32(queue_date) AS day, 0 AS start FROM queue_daily_call_metrics") {
		rows.Daily = append(rows.Daily, aggregate.DailyRow{OrganizationID: r.Organization, QueueDate: r.Day, QueueID: r.Queue,
			Sums: r.sums(), WaitMax: micros(r.MaxWait)})
	}
	for _, r := range JSON[windowOfView](tb, q, "SELECT *, 0 AS day, toUnixTimestamp64Micro(toDateTime64(interval_start, 6, 'UTC')) AS start FROM queue_interval_metrics") {
		rows.Intervals = append(rows.Intervals, aggregate.IntervalRow{OrganizationID: r.Organization, IntervalStart: r.Start, QueueID: r.Queue,
			Sums: r.sums(), WaitMax: micros(r.MaxWait)})
	}
	rows.AgentIntervals = agentRows(tb, q)
	rows.Accounting = JSON[aggregate.AccountingRow](tb, q, "SELECT organization_id AS OrganizationID, received AS Received, accepted AS Accepted, "+
		"duplicate AS Duplicate, late AS Late, rejected AS Rejected, orphan AS Orphan, toUnixTimestamp64Micro(ifNull(horizon, toDateTime64(0, 6, 'UTC'))) AS Horizon FROM accounting")
	for _, r := range JSON[callbackOfView](tb, q, callbacksSelect) {
		rows.Callbacks = append(rows.Callbacks, r.row())
	}
	for _, r := range JSON[listOfView](tb, q, "SELECT *, toUnixTimestamp64Micro(observed_at) AS observed, "+
		"ifNull(toUnixTimestamp64Micro(published_at), 0) AS published FROM callback_list_status_now") {
		rows.CallLists = append(rows.CallLists, r.row())
	}
	rows.Orphans = JSON[aggregate.OrphanRow](tb, q, "SELECT organization_id AS OrganizationID, event_id AS EventID, "+
		"ifNull(call_id, toUUID('00000000-0000-0000-0000-000000000000')) AS CallID FROM late_events WHERE reason = 'orphan'")
	return rows
}

const callsSelect = `SELECT *, toInt32(call_date) AS date, toInt8(c.direction) AS direction_number, toInt8(c.outcome) AS outcome_number,
	toInt8(c.transfer) AS transfer_number, toUnixTimestamp64Micro(c.begun_at) AS begun,
	ifNull(toUnixTimestamp64Micro(c.arrived_at), 0) AS arrived, ifNull(toUnixTimestamp64Micro(c.answered_at), 0) AS answered,
	ifNull(toUnixTimestamp64Micro(c.ended_at), 0) AS ended FROM calls AS c`

// callOfView is one row of the view calls.
type callOfView struct {
	Organization uuid.UUID           `json:"organization_id"`
	Date         int32               `json:"date"`
	Call         uuid.UUID           `json:"call_id"`
	Queue        uuid.UUID           `json:"queue_id"`
	Visit        uint16              `json:"visit"`
	Direction    aggregate.Direction `json:"direction_number"`
	Outcome      aggregate.Outcome   `json:"outcome_number"`
	Transfer     aggregate.Transfer  `json:"transfer_number"`
	Begun        int64               `json:"begun"`
	Arrived      int64               `json:"arrived"`
	Answered     int64               `json:"answered"`
	Ended        int64               `json:"ended"`
	Agent        *uuid.UUID          `json:"agent_id"`
	Agents       []uuid.UUID         `json:"agent_ids"`
	Offers       uint16              `json:"offers"`
	Wait         *float64            `json:"wait_sec"`
	Prompt       *float64            `json:"prompt_sec"`
	Ring         *float64            `json:"ring_sec"`
	Talk         *float64            `json:"talk_sec"`
	Hold         *float64            `json:"hold_sec"`
	WrapUp       *float64            `json:"wrap_up_sec"`
	Callback     *uuid.UUID          `json:"callback_id"`
	IvrPath      string              `json:"ivr_path"`
	SupervisedBy *uuid.UUID          `json:"supervised_by"`
	Priority     *int32              `json:"priority"`
	Flags        []string            `json:"flags"`
}

func (c *callOfView) row(tb testing.TB) aggregate.CallRow {
	tb.Helper()
	r := aggregate.CallRow{OrganizationID: c.Organization, CallDate: c.Date, CallID: c.Call, QueueID: c.Queue, Visit: c.Visit,
		Direction: c.Direction, BegunAt: c.Begun, ArrivedAt: c.Arrived, AnsweredAt: c.Answered, EndedAt: c.Ended, Outcome: c.Outcome,
		Transfer: c.Transfer, AgentID: orNil(c.Agent), AgentIDs: c.Agents, Offers: c.Offers, Wait: micros(c.Wait), Prompt: micros(c.Prompt),
		Ring: micros(c.Ring), Talk: micros(c.Talk), Hold: micros(c.Hold), WrapUp: micros(c.WrapUp), CallbackID: orNil(c.Callback),
		IvrPath: c.IvrPath, SupervisedBy: orNil(c.SupervisedBy), Priority: aggregate.Null}
	if c.Priority != nil {
		r.Priority = *c.Priority
	}
	for _, name := range c.Flags {
		bit := -1
		for i, known := range aggregate.FlagNames {
			if name == known {
				bit = i
			}
		}
		if bit < 0 {
			tb.Fatalf("unknown flag %q", name)
		}
		r.Flags |= 1 << bit
	}
	return r
}

func orNil(id *uuid.UUID) uuid.UUID {
	if id == nil {
		return uuid.Nil
	}
	return *id
}

// micros is exact: seconds of a float64 hold µs up to 285 years.
func micros(sec *float64) int64 {
	if sec == nil {
		return aggregate.Null
	}
	return int64(math.Round(*sec * 1e6))
}

// windowOfView is one row of queue_daily_call_metrics or queue_interval_metrics.
type windowOfView struct {
	Organization uuid.UUID `json:"organization_id"`
	Queue        uuid.UUID `json:"queue_id"`
	Day          int32     `json:"day"`
	Start        int64     `json:"start"`
	MaxWait      *float64  `json:"inbound_max_wait_sec"`

	Total          int64 `json:"inbound_total_calls"`
	Open           int64 `json:"inbound_open_calls"`
	AnsweredCalls  int64 `json:"inbound_answered_calls"`
	Abandoned      int64 `json:"inbound_abandoned_calls"`
	LeftEarly      int64 `json:"inbound_left_early_calls"`
	RejectedOnly   int64 `json:"inbound_rejected_only_calls"`
	Overflowed     int64 `json:"inbound_overflowed_calls"`
	ServiceClosed  int64 `json:"inbound_service_closed_calls"`
	Callback       int64 `json:"inbound_callback_calls"`
	Transferred    int64 `json:"inbound_transferred_calls"`
	Lost           int64 `json:"inbound_lost_calls"`
	PassedThrough  int64 `json:"inbound_passed_through_calls"`
	UserTransfers  int64 `json:"inbound_user_transfers"`
	QueueTransfers int64 `json:"inbound_queue_transfers"`
	ShortAbandons  int64 `json:"inbound_short_abandons"`

	Met            int64 `json:"level_met"`
	LevelAnswered  int64 `json:"level_answered"`
	LevelAbandoned int64 `json:"level_abandoned"`
	LevelShort     int64 `json:"level_short_abandons"`
	LevelFailed    int64 `json:"level_failed"`

	WaitCount     int64   `json:"inbound_wait_count"`
	Wait          float64 `json:"inbound_wait_sum_sec"`
	AnswerCount   int64   `json:"inbound_answered_wait_count"`
	AnsweredWait  float64 `json:"inbound_answered_wait_sum_sec"`
	AbandonCount  int64   `json:"inbound_abandoned_wait_count"`
	AbandonedWait float64 `json:"inbound_abandoned_wait_sum_sec"`
	TalkCount     int64   `json:"inbound_talk_count"`
	Talk          float64 `json:"inbound_talk_sum_sec"`
	Hold          float64 `json:"inbound_hold_sum_sec"`
	HandleCount   int64   `json:"inbound_handle_count"`
	Handle        float64 `json:"inbound_handle_sum_sec"`
	WrapUp        float64 `json:"inbound_wrap_up_sum_sec"`

	OutboundTotal    int64   `json:"outbound_total_calls"`
	OutboundAnswered int64   `json:"outbound_answered_calls"`
	OutboundRejected int64   `json:"outbound_rejected_calls"`
	OutboundEnded    int64   `json:"outbound_ended_calls"`
	OutboundTalk     float64 `json:"outbound_talk_sum_sec"`
	OutboundWait     float64 `json:"outbound_wait_sum_sec"`
}

func (w *windowOfView) sums() aggregate.Sums {
	s := aggregate.Sums{Total: w.Total, UserTransfers: w.UserTransfers, QueueTransfers: w.QueueTransfers, ShortAbandons: w.ShortAbandons,
		LevelMet: w.Met, LevelAnswered: w.LevelAnswered, LevelAbandoned: w.LevelAbandoned, LevelShort: w.LevelShort, LevelFailed: w.LevelFailed,
		WaitCount: w.WaitCount, WaitSum: micros(&w.Wait), AnsweredWaitCount: w.AnswerCount, AnsweredWaitSum: micros(&w.AnsweredWait),
		AbandonedWaitCount: w.AbandonCount, AbandonedWaitSum: micros(&w.AbandonedWait), TalkCount: w.TalkCount, TalkSum: micros(&w.Talk),
		HoldSum: micros(&w.Hold), HandleCount: w.HandleCount, HandleSum: micros(&w.Handle), WrapUpSum: micros(&w.WrapUp),
		OutboundTotal: w.OutboundTotal, OutboundAnswered: w.OutboundAnswered, OutboundRejected: w.OutboundRejected,
		OutboundEnded: w.OutboundEnded, OutboundTalkSum: micros(&w.OutboundTalk), OutboundWaitSum: micros(&w.OutboundWait)}
	for outcome, n := range map[aggregate.Outcome]int64{aggregate.OutcomeOpen: w.Open, aggregate.Answered: w.AnsweredCalls,
		aggregate.Abandoned: w.Abandoned, aggregate.LeftEarly: w.LeftEarly, aggregate.Rejected: w.RejectedOnly,
		aggregate.Overflowed: w.Overflowed, aggregate.ServiceClosed: w.ServiceClosed, aggregate.CallbackRequested: w.Callback,
		aggregate.Transferred: w.Transferred, aggregate.Lost: w.Lost, aggregate.PassedThrough: w.PassedThrough} {
		s.Outcomes[outcome] = n
	}
	return s
}
