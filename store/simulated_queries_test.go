package store

import "testing"

// What the statements return of a simulated day is what follows from its rows, worked out here another way.
func TestStatementsOfASimulatedDay(t *testing.T) {
	d := newSimulatedDay(t)
	for name, test := range map[string]func(*testing.T, *simulatedDay){
		"calls": callsOfTheDay, "call parts": partsOfTheDay, "call events": eventsOfTheDay,
		"callback lists": listsOfTheDay, "callback list history": listHistoryOfTheDay, "callbacks": requestsOfTheDay,
		"callback overview": overviewOfTheDay,
		"agents":            agentsOfTheDay, "agent timeline": timelineOfTheDay, "agent intervals": agentIntervalsOfTheDay, "agent queues": agentQueuesOfTheDay,
		"engine": engineOfTheDay, "openings": openingsOfTheDay, "missed levels": missedLevelsOfTheDay, "lookups": lookupsOfTheDay,
		"reconciliation": reconciliationOfTheDay, "rejects": rejectsOfTheDay, "tenants": tenantsAreIsolated, "keys": keysAreUsed,
	} {
		t.Run(name, func(t *testing.T) { test(t, d) })
	}
}
