package cli

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ringside/internal/sim"
)

// customers returns the digits of every customer's number in the events, as encoding/json and the vendor's description
// see them: the caller of calls that come in, the callee of all others, the contact of callbacks; but no number of the
// organization's queues and users, who call each other, too.
func customers(t *testing.T, events []sim.Event) map[string]bool {
	t.Helper()
	numbers, own := map[string]bool{}, map[string]bool{}
	for i := range events {
		var e struct{ EventType, CallerNumber, TargetNumber, ContactNumber, QueueNumber, UserNumber string }
		if err := json.Unmarshal(events[i].JSON, &e); err != nil {
			t.Fatal(err)
		}
		theirs, ours := []string{e.ContactNumber, e.TargetNumber}, []string{e.QueueNumber, e.UserNumber}
		if strings.Contains(e.EventType, "CallIn") {
			theirs[1], ours = e.CallerNumber, append(ours, e.TargetNumber)
		}
		for _, n := range theirs {
			numbers[strings.TrimLeft(n, "+0")] = true
		}
		for _, n := range ours {
			own[strings.TrimLeft(n, "+0")] = true
		}
	}
	maps.DeleteFunc(numbers, func(n string, _ bool) bool { return own[n] || len(n) < 9 })
	return numbers
}

// damagedNumber is in messages that are no events.
const damagedNumber = "358991234567"

func withDamage(t *testing.T, events []sim.Event) (file string, damaged int) {
	t.Helper()
	bad := []string{
		`{"EventType":"QueueCallInArrived","OrganizationId":"` + organization + `","CallerNumber":"+` + damagedNumber + `","QueueId":`,
		`{"EventType":"QueueCallInArrived","OrganizationId":"` + organization + `","CallerNumber":"\u002B` + damagedNumber + `"}`, // no Timestamp
		`caller=00` + damagedNumber,
		strings.Replace(event("QueueCallInComing", "000000000007", "10:00:00", `,"CallerNumber":"+`+damagedNumber+`"`), "2026", "1980", 1),
	}
	text, err := os.ReadFile(record(t, events))
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "damaged.ndjson")
	if err := os.WriteFile(file, append(text, strings.Join(bad, "\n")+"\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	return file, len(bad)
}

var manyDigits = regexp.MustCompile(`[0-9]{9,}`)

// numbersIn counts, by column, the values that hold a number, in everything that is stored.
func numbersIn(t *testing.T, q sqlOf, numbers map[string]bool) map[string]int {
	t.Helper()
	lengths := map[int]bool{}
	for n := range numbers {
		lengths[len(n)] = true
	}
	holds := func(run string) bool {
		for from := range run {
			for n := range lengths {
				if from+n <= len(run) && numbers[run[from:from+n]] {
					return true
				}
			}
		}
		return false
	}
	found := map[string]int{}
	columns := strings.Split(q(`SELECT table || '.' || name FROM system.columns
		WHERE database = currentDatabase() AND type LIKE '%String%' AND table IN (SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree')`), "\n")
	if len(columns) < 20 {
		t.Fatalf("only %d columns of text: %v", len(columns), columns)
	}
	for _, c := range columns {
		table, column, _ := strings.Cut(c, ".")
		for _, run := range manyDigits.FindAllString(q(fmt.Sprintf("SELECT arrayJoin(extractAll(toString(%s), '[0-9]{9,}')) FROM %s", column, table)), -1) {
			if holds(run) {
				found[c]++
			}
		}
	}
	return found
}

// With privacy.numbers: hash no number of a customer is anywhere in the store, saved states and rejects included, and
// repeat callers are counted as before; keep keeps them all.
func TestCallersNumbersAreStoredAsConfigured(t *testing.T) {
	needStore(t)
	d := simulateDay(dayOptions{seed: 43})
	events := d.delivered[:len(d.delivered)/2] // calls are under way, and in the saved state
	numbers := customers(t, events)
	numbers[damagedNumber] = true
	if len(numbers) < 50 {
		t.Fatalf("only %d customers", len(numbers))
	}
	file, damaged := withDamage(t, events)
	repeats := map[string]string{}
	for _, mode := range []string{"hash", "keep", "drop", "last4"} {
		dir := t.TempDir()
		line := must(t, "replay", file, "--config", d.configFile(t, dir, "privacy: {numbers: "+mode+"}\n"))
		if want := fmt.Sprintf(" rejected=%d ", damaged); !strings.Contains(line, want) {
			t.Errorf("%s: counts %s, want%s", mode, line, want)
		}
		keepOpen(t, dir)
		q := dataDir(t, dir)
		found := numbersIn(t, q, numbers)
		if mode != "keep" && len(found) > 0 {
			t.Errorf("%s: numbers of customers in %v", mode, found)
		}
		for _, column := range []string{"calls_versions.caller", "callbacks_versions.contact_number", "events_versions.body", "rejects_versions.body", "checkpoints_versions.data"} {
			if mode == "keep" && found[column] == 0 {
				t.Errorf("keep: no number in %s", column)
			}
		}
		if mode == "hash" || mode == "keep" {
			repeats[mode] = q(`SELECT groupArray(calls) FROM (SELECT count() AS calls FROM calls WHERE caller != '' GROUP BY caller ORDER BY calls DESC)`) +
				q(`SELECT uniqExact(JSONExtractString(body, 'CallerNumber')), uniqExact(JSONExtractString(body, 'ContactNumber')) FROM events`) +
				q(`SELECT count() FROM calls WHERE caller IN (SELECT JSONExtractString(body, 'CallerNumber') FROM events WHERE type LIKE '%CallIn%')`)
		}
		if got := q("SELECT countIf(NOT isValidJSON(body)) FROM events"); got != "0" {
			t.Errorf("%s: %s bodies are no JSON any more", mode, got)
		}
	}
	if repeats["hash"] != repeats["keep"] || !regexp.MustCompile(`^\[[2-9]`).MatchString(repeats["keep"]) {
		t.Errorf("repeat callers by hash:\n%s\nby number:\n%s", repeats["hash"], repeats["keep"])
	}
}
