package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"ringside/aggregate"
	"ringside/ingest"
	"ringside/internal/reconcile"
	"ringside/internal/sim"
)

// vendorDay simulates a day of a vendor that publishes under some readings.
func vendorDay(seed uint64, scale float64, vendor sim.Vendor) *day {
	c := sim.DefaultConfig(seed)
	c.Scale = scale
	vendor.Every = c.Vendor.Every
	c.Vendor = vendor
	d := &day{sim: sim.New(c), config: c}
	d.delivered = d.sim.All()
	d.settling = len(d.delivered) - len(c.Organizations)
	return d
}

// reconciled runs the command on the simulated date.
func reconciled(t *testing.T, d *day, config string, more ...string) *reconcile.Result {
	t.Helper()
	out := must(t, append([]string{"reconcile", "--organization", organizationsOf(d)[0].String(), "--date", "2026-09-16", "--config", config,
		"--format", "json"}, more...)...)
	r := &reconcile.Result{}
	if err := json.Unmarshal([]byte(out), r); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return r
}

func describeField(f *reconcile.Field) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s.%s: %d of %d agree, greatest %v, left %d of %v", f.Kind, f.Field, f.Agreed, f.Compared, f.Greatest, f.Left, f.Choices)
	for i := range f.Calls[:min(3, len(f.Calls))] {
		fmt.Fprintf(&b, "\n\t%+v", f.Calls[i])
	}
	return b.String()
}

// TestReconciledDayAgrees: a vendor that publishes by the definitions of docs/METRICS.md agrees in every figure of a day,
// however its events came.
func TestReconciledDayAgrees(t *testing.T) {
	needStore(t)
	for _, shuffled := range []bool{false, true} {
		t.Run(fmt.Sprintf("shuffled %v", shuffled), func(t *testing.T) {
			dir := t.TempDir()
			d := vendorDay(71, .3, sim.Vendor{})
			delivered := d.delivered
			if shuffled {
				delivered = append(sim.Duplicate(sim.Shuffle(delivered[:d.settling], 30*time.Minute, 71), 3), delivered[d.settling:]...)
			}
			config := d.configFile(t, dir, "")
			q := openStore(t, dir)
			must(t, "replay", record(t, delivered), "--config", config)
			r := reconciled(t, d, config)
			for i := range r.Fields {
				if f := &r.Fields[i]; f.Agreed != f.Compared || f.Compared < 200 || len(f.Choices) > 0 {
					t.Error(describeField(f))
				}
			}
			if len(r.Fields) != 39 || r.NotFinal != 0 {
				t.Errorf("%d fields, %d summaries are not final", len(r.Fields), r.NotFinal)
			}
			if got := q("SELECT count(), countIf(difference != 0 OR explained_by != '') FROM reconciliation"); got != fmt.Sprintf("%d\t0", r.Compared) {
				t.Errorf("the table has %s rows and differences, %d figures were compared", got, r.Compared)
			}
		})
	}
}

// TestReconcileNamesTheChoice: a vendor that publishes under one other reading differs, and that reading is named.
func TestReconcileNamesTheChoice(t *testing.T) {
	needStore(t)
	for _, tc := range []struct {
		choice string
		vendor sim.Vendor
		fields []string // that differ; none: any
	}{
		{"total_with_passed_through", sim.Vendor{CountPassedThrough: true}, []string{"InboundTotalCalls"}},
		{"rejected_with_abandoned", sim.Vendor{AbandonsRejected: true}, []string{"InboundRejectedCalls"}},
		{"talk_with_hold", sim.Vendor{TalkWithHold: true}, []string{"InboundAvgTalkTimeSec", "OutboundAvgTalkTimeSec"}},
		{"service_level_all_offered", sim.Vendor{Level: "all_offered"}, []string{"InboundServiceLevelPercentage"}},
		{"service_level_answered_only", sim.Vendor{Level: "answered_only"}, []string{"InboundServiceLevelPercentage"}},
		{"service_level_short_abandons_met", sim.Vendor{Level: "short_abandons_met"}, []string{"InboundServiceLevelPercentage"}},
		{"outbound_callee_leg", sim.Vendor{CalleeLeg: true},
			[]string{"OutboundAnsweredCalls", "OutboundRejectedCalls", "OutboundAvgTalkTimeSec", "OutboundAvgWaitTime"}},
		{"expires_today", sim.Vendor{ExpiresToday: true}, []string{"ExpiresIn24h"}},
		{"local_timestamps Europe/Helsinki", sim.Vendor{LocalZone: "Europe/Helsinki"}, nil},
	} {
		t.Run(tc.choice, func(t *testing.T) {
			dir := t.TempDir()
			d := vendorDay(72, .2, tc.vendor)
			config := d.configFile(t, dir, "")
			q := openStore(t, dir)
			must(t, "replay", record(t, d.delivered), "--config", config)
			r := reconciled(t, d, config)
			differ := 0
			for i := range r.Fields {
				f := &r.Fields[i]
				if f.Agreed == f.Compared {
					if slices.Contains(tc.fields, f.Field) {
						t.Errorf("no difference: %s", describeField(f))
					}
					continue
				}
				differ++
				if len(f.Choices) != 1 || f.Choices[0].Name != tc.choice || f.Left != 0 || len(tc.fields) > 0 && !slices.Contains(tc.fields, f.Field) {
					t.Error(describeField(f))
				}
			}
			if differ == 0 {
				t.Error("nothing differs")
			}
			got := q("SELECT arraySort(groupUniqArray(explained_by)) FROM reconciliation WHERE difference != 0")
			if got != "['"+tc.choice+"']" {
				t.Errorf("the table explains the differences by %s", got)
			}
			// Instants that are hours apart may be one under the wrong reading, and so are the rows then.
			if got := q("SELECT count() FROM reconciliation"); got != fmt.Sprint(r.Compared) && tc.vendor.LocalZone == "" {
				t.Errorf("the table has %s rows, %d figures were compared", got, r.Compared)
			}
		})
	}
}

// TestReconcileFindsTheCalls: what a vendor does not count, and what was never heard of a call, shows in the calls behind
// the differences.
func TestReconcileFindsTheCalls(t *testing.T) {
	needStore(t)
	t.Run("not counted by the vendor", func(t *testing.T) {
		dir := t.TempDir()
		vendor := sim.Vendor{Misses: 60}
		d := vendorDay(73, .3, vendor)
		config := d.configFile(t, dir, "")
		openStore(t, dir)
		must(t, "replay", record(t, d.delivered), "--config", config)
		r := reconciled(t, d, config)
		missed := map[uuid.UUID]bool{}
		for _, c := range d.sim.Truth().Calls {
			if c.Queued && c.Row.Direction == aggregate.Inbound && c.Row.Outcome != aggregate.PassedThrough && vendor.Missed(c.Row.CallID) {
				missed[c.Row.CallID] = true
			}
		}
		found := fieldOf(t, r, "InboundTotalCalls")
		if len(missed) < 5 || found.Left == 0 || len(found.Choices) > 0 {
			t.Fatalf("%d calls were missed: %s", len(missed), describeField(found))
		}
		listed := map[uuid.UUID]bool{}
		for i := range found.Calls {
			listed[found.Calls[i].CallID] = true
			if c := &found.Calls[i]; c.Difference >= 0 || c.QueueName == "" || c.BegunAt.IsZero() || !strings.HasPrefix(c.Why, "counted, ") {
				t.Errorf("%+v", c)
			}
		}
		for id := range missed {
			if !listed[id] {
				t.Errorf("call %s is behind the difference, and is not listed", id)
			}
		}
		if len(listed) > 3*len(missed) {
			t.Errorf("%d calls are listed, %d were missed", len(listed), len(missed))
		}
	})
	t.Run("not heard of", func(t *testing.T) {
		dir := t.TempDir()
		d := vendorDay(74, .3, sim.Vendor{})
		var delivered []sim.Event
		var lost uuid.UUID // the call of which the connect is lost
		for i, e := range d.delivered {
			if e.Type == ingest.QueueCallInUserConnected && i > d.settling/2 && lost == uuid.Nil {
				var m struct{ CallId uuid.UUID }
				if err := json.Unmarshal(e.JSON, &m); err != nil {
					t.Fatal(err)
				}
				lost = m.CallId
				continue
			}
			delivered = append(delivered, e)
		}
		config := d.configFile(t, dir, "")
		openStore(t, dir)
		must(t, "replay", record(t, delivered), "--config", config)
		r := reconciled(t, d, config)
		for _, name := range []string{"InboundAnsweredCalls", "InboundAvgTalkTimeSec"} {
			f := fieldOf(t, r, name)
			if !slices.ContainsFunc(f.Calls, func(c reconcile.Call) bool { return c.CallID == lost }) || f.Left == 0 || len(f.Choices) > 0 {
				t.Errorf("call %s is not behind %s", lost, describeField(f))
			}
		}
		if f := fieldOf(t, r, "NbrOfConnected"); f.Left == 0 || f.Greatest != 1 {
			t.Errorf("a call is not connected here, yet %s", describeField(f))
		}
	})
}

func fieldOf(t *testing.T, r *reconcile.Result, name string) *reconcile.Field {
	t.Helper()
	for i := range r.Fields {
		if r.Fields[i].Field == name {
			return &r.Fields[i]
		}
	}
	t.Fatalf("no field %s", name)
	return nil
}
