package aggregate_test

import (
	"testing"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
)

// TestWhatIsNotSeenIsUnknown offers a call in a queue whose source tells of calls from the offer on, and of finished ones.
func TestWhatIsNotSeenIsUnknown(t *testing.T) {
	const null = aggregate.Null
	for view, want := range map[ingest.View]aggregate.QueueStatusRow{
		ingest.ViewWhole: {NbrOfAllocated: 1, NbrOfNotServedRequesters: 1, NbrOfRequesters: 1},
		ingest.ViewFromOffer: {NbrOfAllocated: 1, NbrOfNotServedRequesters: null, NbrOfRequesters: null, NbrOfQueuingRequesters: null,
			NbrOfProviders: null, NbrOfAgentsImmediatelyFree: null, NbrOfServingAgentsEstimate: null},
		ingest.ViewFinished: {NbrOfAllocated: null, NbrOfConnected: null, NbrOfNotServedRequesters: null, NbrOfRequesters: null,
			NbrOfQueuingRequesters: null, NbrOfProviders: null, NbrOfAgentsImmediatelyFree: null, NbrOfServingAgentsEstimate: null},
	} {
		core := aggregate.New(aggregate.DefaultSettings())
		ev := ingest.Event{Type: ingest.QueueCallInUserAllocated, ID: uuid.UUID{1}, OrganizationID: uuid.UUID{2}, QueueID: uuid.UUID{3},
			CallID: uuid.UUID{4}, UserID: uuid.UUID{5}, Timestamp: ingest.FromMicros(1_772_438_400_000_000), View: view}
		if r := core.Apply(&ev); r != aggregate.Accepted {
			t.Fatal(r)
		}
		core.Settle()
		var rows aggregate.Rows
		core.Drain(aggregate.DrainAll, &rows)
		if len(rows.QueueStatus) == 0 {
			t.Fatal("no status")
		}
		got := rows.QueueStatus[len(rows.QueueStatus)-1]
		if got.NbrOfAllocated != want.NbrOfAllocated || got.NbrOfConnected != want.NbrOfConnected || got.NbrOfQueuingRequesters != want.NbrOfQueuingRequesters ||
			got.NbrOfNotServedRequesters != want.NbrOfNotServedRequesters || got.NbrOfRequesters != want.NbrOfRequesters ||
			got.NbrOfProviders != want.NbrOfProviders || got.NbrOfAgentsImmediatelyFree != want.NbrOfAgentsImmediatelyFree ||
			got.NbrOfServingAgentsEstimate != want.NbrOfServingAgentsEstimate {
			t.Errorf("view %d: %+v", view, got)
		}
		if known := got.LongestWaitSince != 0; known != (view == ingest.ViewWhole) {
			t.Errorf("view %d: the longest wait runs from %d", view, got.LongestWaitSince)
		}
	}
}
