package enreach

import (
	"ringside/ingest"
	"ringside/ingest/scan"
)

// summary is one of the kinds of events in which the vendor publishes figures.
type summary uint8

const (
	queueStatus summary = iota
	queueDailyCallMetrics
	callbackListStatus
	numSummaries
)

// published has the names of the figures of each summary, by their index in [ingest.Published].
var published = [numSummaries][]string{
	queueStatus: {
		ingest.StatusNbrOfProviders:             "NbrOfProviders",
		ingest.StatusNbrOfRequesters:            "NbrOfRequesters",
		ingest.StatusNbrOfServingAgentsEstimate: "NbrOfServingAgentsEstimate",
		ingest.StatusNbrOfAllocated:             "NbrOfAllocated",
		ingest.StatusNbrOfConnected:             "NbrOfConnected",
		ingest.StatusNbrOfQueuingRequesters:     "NbrOfQueuingRequesters",
		ingest.StatusNbrOfNotServedRequesters:   "NbrOfNotServedRequesters",
		ingest.StatusNbrOfAgentsLongTermAway:    "NbrOfAgentsLongTermAway",
		ingest.StatusNbrOfAgentsShortTermAway:   "NbrOfAgentsShortTermAway",
		ingest.StatusNbrOfAgentsImmediatelyFree: "NbrOfAgentsImmediatelyFree",
		ingest.StatusNbrOfAgentsCheckedInQueue:  "NbrOfAgentsCheckedInQueue",
		ingest.StatusNbrOfAgentsOnWrapUp:        "NbrOfAgentsOnWrapUp",
		ingest.StatusNbrOfAgentsOnFetchMode:     "NbrOfAgentsOnFetchMode",
		ingest.StatusMaxWaitTime:                "MaxWaitTime",
		ingest.StatusOpenStatus:                 "OpenStatus",
	},
	queueDailyCallMetrics: {
		ingest.DailyInboundTotalCalls:             "InboundTotalCalls",
		ingest.DailyInboundServiceClosedCalls:     "InboundServiceClosedCalls",
		ingest.DailyInboundAnsweredCalls:          "InboundAnsweredCalls",
		ingest.DailyInboundRejectedCalls:          "InboundRejectedCalls",
		ingest.DailyInboundUserTransfers:          "InboundUserTransfers",
		ingest.DailyInboundQueueTransfers:         "InboundQueueTransfers",
		ingest.DailyInboundAvgWaitTimeSec:         "InboundAvgWaitTimeSec",
		ingest.DailyInboundAvgTalkTimeSec:         "InboundAvgTalkTimeSec",
		ingest.DailyInboundAvgHoldTimeSec:         "InboundAvgHoldTimeSec",
		ingest.DailyInboundServiceLevelPercentage: "InboundServiceLevelPercentage",
		ingest.DailyOutboundTotalCalls:            "OutboundTotalCalls",
		ingest.DailyOutboundAnsweredCalls:         "OutboundAnsweredCalls",
		ingest.DailyOutboundRejectedCalls:         "OutboundRejectedCalls",
		ingest.DailyOutboundAvgTalkTimeSec:        "OutboundAvgTalkTimeSec",
		ingest.DailyOutboundAvgWaitTime:           "OutboundAvgWaitTime",
	},
	callbackListStatus: {
		ingest.ListIsAutoAllocate:                 "IsAutoAllocate",
		ingest.ListTotalOpenRequests:              "TotalOpenRequests",
		ingest.ListTotalFreeForAllocation:         "TotalFreeForAllocation",
		ingest.ListTotalAssigned:                  "TotalAssigned",
		ingest.ListTotalHidingNotBefore:           "TotalHidingNotBefore",
		ingest.ListNextHourRevealedNotBefore:      "NextHourRevealedNotBefore",
		ingest.ListTotalOverDueDate:               "TotalOverDueDate",
		ingest.ListNextHourOverDueDate:            "NextHourOverDueDate",
		ingest.ListTotalActiveAgents:              "TotalActiveAgents",
		ingest.ListTotalAutoAllocateAgents:        "TotalAutoAllocateAgents",
		ingest.ListTotalServingAgents:             "TotalServingAgents",
		ingest.ListTotalServingAutoAllocateAgents: "TotalServingAutoAllocateAgents",
		ingest.ListExpiresIn24h:                   "ExpiresIn24h",
	},
}

// openStatuses has the documented names of the values of OpenStatus, by value.
var openStatuses = [...]string{
	"NA", "NoActiveHandler", "NoActiveHandlerUncertain", "Closed", "ClosedUncertain", "Open", "OpenUncertain",
}

// figures returns the members of the summaries.
func figures() []member {
	all := []member{{name: "QueueDate", read: func(d *Decoder, _ *ingest.Event) scan.Shape { return d.queueDate(&d.seen.queueDate) }}}
	for of, list := range published {
		for i, name := range list {
			all = append(all, member{name: name, read: func(d *Decoder, _ *ingest.Event) scan.Shape {
				return d.figure(summary(of), i)
			}})
		}
	}
	return all
}

// figure reads one figure of a summary. A mean of nothing may come as the string NaN.
func (d *Decoder) figure(of summary, i int) scan.Shape {
	to := &d.figures[of][i]
	var f float64
	var shape scan.Shape
	switch d.scanner.Kind() {
	case scan.String:
		var text []byte
		if text, shape = d.scanner.Text(&d.arena); shape == scan.Found {
			f, shape = figureOf(text, of == queueStatus && i == ingest.StatusOpenStatus)
		}
	case scan.Bool:
		var b bool
		if b, shape = d.scanner.Bool(); b {
			f = 1
		}
	default:
		f, shape = d.scanner.Float()
	}
	if shape == scan.Found {
		*to = f
		d.seen.known[of] |= 1 << i
	}
	return shape
}

// figureOf returns the figure that a string stands for.
func figureOf(text []byte, openStatus bool) (float64, scan.Shape) {
	if len(text) == 0 || string(text) == "NaN" {
		return 0, scan.Absent
	}
	if f, ok := scan.ParseFloat(text); ok {
		return f, scan.Found
	}
	if openStatus {
		for value, name := range openStatuses {
			if string(text) == name {
				return float64(value), scan.Found
			}
		}
	}
	return 0, scan.Wrong
}

// publish copies the figures of one summary; those that did not come are null.
func (d *Decoder) publish(of summary, p *ingest.Published) {
	for i := range published[of] {
		if d.seen.known[of]>>i&1 != 0 {
			p.Figures[i] = d.figures[of][i]
		} else {
			p.Null[i] = true
		}
	}
}
