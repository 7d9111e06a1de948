package enreach

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"ringside/ingest"
)

const (
	org   = "24422850-abc3-4525-9567-e2fd4bd0adcb"
	queue = "3509fdd4-0775-4cc1-9bef-0d65bd416a08"
	user  = "d494b8b9-3601-489e-82f7-b088a98afd0a"
	zero  = "00000000-0000-0000-0000-000000000000"
	id    = "a6d991cb-282c-45de-97cc-95bf9ea3cba9"
	at    = "2026-03-02T08:01:23.4567891Z"
)

// message returns a valid message of the given type with more members, as in message("QueueStatus", `"OpenStatus":5`).
func message(eventType string, more ...string) string {
	members := append([]string{
		`"EventType":"` + eventType + `"`, `"Id":"` + id + `"`, `"Timestamp":"` + at + `"`, `"OrganizationId":"` + org + `"`,
	}, more...)
	return "{" + strings.Join(members, ",") + "}"
}

// quirks are messages in which something is unusual; each is compared with the oracle and is a seed of FuzzDecode.
var quirks = []string{
	message("QueueCallInArrived", `"QueueId":"`+strings.ToUpper(queue)+`"`),
	message("QueueCallInArrived", `"QueueId":"{`+queue+`}"`),
	message("QueueCallInArrived", `"QueueId":"`+strings.ReplaceAll(queue, "-", "")+`"`),
	message("QueueCallInArrived", `"QueueId":""`, `"EntityType":"Queue"`, `"EntityId":"`+queue+`"`),
	message("QueueCallInArrived", `"QueueId":null`, `"EntityType":"User"`, `"EntityId":"`+user+`"`),
	message("QueueCallInArrived", `"QueueId":5`),
	message("QueueCallInArrived", `"QueueId":"`+queue+`x"`),
	message("QueueCallInArrived", `"CallerNumber":"\u002B358405512873"`, `"QueueName":"J\u00e4rvi \ud83d\ude00 \ud83d"`),
	message("QueueCallInArrived", `"CallerNumber":358405512873`, `"QueueName":true`),
	message("QueueCallInArrived", `"CallerNumber":{"a":[1]}`),
	message("QueueCallInArrived", `"QueueName":"`+"\xff\xc3"+`"`, `"Callernumber":"x"`, `"callerNumber":"y"`),
	message("QueueCallInArrived", `"Queue\u004eame":"escaped name"`),
	message("QueueCallInArrived", `"Publicity":"Private"`, `"Publicity":3`, `"Unknown":{"a":{"b":[[],{}]}}`),
	message("UserCallInComing", `"UserName":"a"`, `"Username":"b"`, `"UserName":null`),
	message("UserCallInComing", `"EntityType":"User"`, `"EntityId":"`+user+`"`),
	message("UserSupervisionStatus", `"EntityType":"User"`, `"EntityId":"`+user+`"`, `"State":"Listening"`),
	message("UserSupervisionStatus", `"State":"2"`),
	message("CallbackListStatus", `"EntityType":"CallList"`, `"EntityId":"`+user+`"`, `"IsAutoAllocate":"x"`),
	message("CallbackListStatus", `"IsAutoAllocate":true`, `"TotalOpenRequests":"12"`, `"TotalAssigned":1e2`),
	message("QueueStatus", `"OpenStatus":"ClosedUncertain"`, `"MaxWaitTime":9007199254740993`, `"NbrOfProviders":null`),
	message("QueueStatus", `"OpenStatus":"Ajar"`),
	message("QueueStatus", `"InboundTotalCalls":5`, `"NbrOfConnected":-0.0`),
	message("QueueDailyCallMetrics", `"QueueDate":"2026-03-02"`, `"InboundAvgWaitTimeSec":"NaN"`, `"InboundTotalCalls":3.0`),
	message("QueueDailyCallMetrics", `"QueueDate":"2026-03-02T00:00:00"`, `"InboundTotalCalls":1e999`),
	message("QueueDailyCallMetrics", `"QueueDate":"2026-02-30"`),
	message("UserWrapUpTerminated", `"ElapsedTimeSec":31.5`, `"MaxWrapUpDurationSec":"45"`),
	message("UserWrapUpTerminated", `"ElapsedTimeSec":-2.5`, `"MaxWrapUpDurationSec":2147483648`),
	message("UserWrapUpTerminated", `"ElapsedTimeSec":{}`),
	message("UserStatus", `"Talking":"True"`, `"Available":1`, `"Schedule":"false"`, `"ServiceTerminals":"2"`, `"WrapUpEnd":null`),
	message("UserStatus", `"Talking":2`),
	message("UserAvailability", `"StartTime":"0001-01-01T00:00:00"`, `"EndTime":"9999-12-31T23:59:59.9999999"`),
	message("UserAvailability", `"StartTime":"2026-03-29T03:30:00+03:00"`, `"EndTime":"2026-02-29T00:00:00"`),
	message("UserQueueAttached", `"Active":true`, `"Priority":null`, `"Deleted":true`, `"Created":true`),
	message("UserSetting", `"Deleted":true`, `"Values":{"a":"b"}`),
	message("QueueAttachedUsers", `"AttachedUsers":[{"UserId":"`+user+`","Active":true,"Priority":2},null,{"UserId":null},{}]`),
	message("QueueAttachedUsers", `"AttachedUsers":[]`),
	message("QueueAttachedUsers", `"AttachedUsers":null`),
	message("QueueAttachedUsers", `"AttachedUsers":[1]`),
	message("QueueAttachedUsers", `"AttachedUsers":[[]]`),
	message("QueueAttachedUsers", `"AttachedUsers":[{"UserId":"nobody"}]`),
	message("QueueAttachedUsers", `"AttachedUsers":[{"UserId":"`+user+`"}]`, `"AttachedUsers":[{"UserId":"`+queue+`"}]`),
	message("QueueChanged", `"QueueGroups":[{"Id":null,"Name":"a\nb"},{"Name":null}]`, `"TypeId":14`, `"Created":true`),
	message("CallbackChanged", `"TypeId":"2"`, `"Created":1`, `"CallbackAttempts":[{"Id":null},null,{}]`),
	message("CallbackChanged", `"CallbackAttempts":[{"UserId":"`+user+`","Timestamp":"2026-03-02T09:00:01Z","CallbackAttemptTypeId":"3","CallId":null}]`),
	message("CallbackChanged", `"CallbackAttempts":[{"UserId":"nobody","Timestamp":"soon","CallbackAttemptTypeId":[],"CallId":7}]`),
	message("CallbackChanged", `"CallbackAttempts":[{}]`, `"CallbackAttempts":[1]`),
	message("CallbackChanged", `"CallbackAttempts":{"Id":null}`, `"DueDate":"soon"`),
	message("QueueCallInTransferStarted", `"TransferTarget":"a"`, `"ConnectedTarget":"b"`, `"Target":"c"`),
	message("UserCallInTransferConnected", `"TransferTarget":"a"`, `"ConnectedTarget":"b"`, `"Target":"c"`),
	message("UserCallInUserOverflow", `"TransferTarget":"a"`, `"ConnectedTarget":"b"`, `"Target":"c"`),
	message("UserCallInOverflow", `"ConnectedTarget":"b"`),
	message("QueueCallInRecording", `"AllocatedUserId":"`+user+`"`),
	message("QueueCallInParked", `"Active":"later"`, `"Deleted":[]`),
	message("QueueCallInParked", `"EntityId":"nowhere"`),
	message(`Queue\u0053tatus`, `"NbrOfProviders":3`),
	`{"EventType":"QueueStatus","Timestamp":"` + at + `","OrganizationId":"` + org + `"}`,
	`{"EventType":"QueueStatus","Timestamp":"` + at + `","RootEntityType":"Organization","RootEntityId":"` + org + `"}`,
	`{"EventType":"QueueStatus","Timestamp":"` + at + `","RootEntityType":"Undefined","RootEntityId":"` + org + `"}`,
	`{"EventType":"QueueStatus","Timestamp":"` + at + `","OrganizationId":"` + zero + `"}`,
	`{"EventType":"QueueStatus","OrganizationId":"` + org + `"}`,
	`{"EventType":"QueueStatus","OrganizationId":"` + org + `","Timestamp":"0001-01-01T00:00:00"}`,
	`{"Timestamp":"` + at + `","OrganizationId":"` + org + `"}`,
	" \r\n\t{ \"EventType\" : \"QueueStatus\" ,\n\"Timestamp\"\t:\"" + at + "\" , \"OrganizationId\": \"" + org + "\" , \"MaxWaitTime\" : 7 } \n",
	`{}`, `[]`, `null`, `"x"`, `7`, ``, ` `, `{`, `{"a"}`, `{"a":1,}`, `{"a":1}x`, "\xef\xbb\xbf{}",
}

func TestQuirksAgreeWithOracle(t *testing.T) {
	for _, m := range quirks {
		compareWithOracle(t, []byte(m))
	}
	for _, m := range examples(t) {
		compareWithOracle(t, m)
	}
}

// TestQuirks spells out what the unusual becomes, where the golden files do not show it.
func TestQuirks(t *testing.T) {
	for _, c := range []struct{ message, want string }{
		{message("QueueCallInArrived", `"QueueId":"{`+strings.ToUpper(queue)+`}"`), "QueueID: " + queue},
		{message("QueueCallInArrived", `"QueueId":"`+zero+`"`, `"EntityType":"Queue"`, `"EntityId":"`+queue+`"`), "QueueID: " + queue},
		{message("UserStatus", `"EntityType":"User"`, `"EntityId":"`+user+`"`), "UserID: " + user},
		{message("CallbackListStatus", `"EntityType":"CallList"`, `"EntityId":"`+user+`"`), "CallListID: " + user},
		{message("QueueCallInArrived", `"CallerNumber":"\u002B358405512873"`), `CallerNumber: "+358405512873"`},
		{message("QueueCallInArrived", `"CallerNumber":358405512873`), `CallerNumber: "358405512873"`},
		{message("UserCallInComing", `"Username":"b"`), `UserName: "b"`},
		{message("UserCallInComing", `"UserName":"a"`, `"Username":"b"`, `"UserName":null`), `UserName: "b"`},
		{message("QueueStatus", `"OpenStatus":"OpenUncertain"`), "Published.OpenStatus: 6"},
		{message("QueueStatus"), "Published.MaxWaitTime: null"},
		{message("UserWrapUpTerminated", `"ElapsedTimeSec":31.5`), "ElapsedTimeSec: 32"},
		{message("UserAvailability", `"EndTime":"9999-12-31T23:59:59.9999999"`), "EndTime: open-ended"},
		{message("UserAvailability", `"StartTime":"2026-03-29T03:30:00+03:00"`), "StartTime: 2026-03-29T00:30:00.0000000Z"},
		{message("QueueCallInArrived", `"Timestamp":"2026-03-02T08:01:23.45"`), "Timestamp: 2026-03-02T08:01:23.4500000Z"},
		{message("QueueCallInParked"), "TypeName: \"QueueCallInParked\""},
		{message("QueueCallInRecording", `"AllocatedUserId":"`+user+`"`), "UserID: " + user},
		{`{"EventType":"UserStatus","Timestamp":"` + at + `","RootEntityType":"Organization","RootEntityId":"` + org + `"}`, "OrganizationID: " + org},
	} {
		var d Decoder
		var e ingest.Event
		if err := d.Decode([]byte(c.message), &e); err != nil {
			t.Errorf("%s: %v", c.message, err)
		} else if got := dump(&e); !strings.Contains("\n"+got, "\n"+c.want+"\n") {
			t.Errorf("%s: got\n%s\nwant a line %s", c.message, got, c.want)
		}
	}
}

func TestRejects(t *testing.T) {
	for _, c := range []struct {
		message string
		reason  ingest.RejectReason
		field   string
		rest    string // what stands at the offset
	}{
		{"", ingest.RejectMalformed, "", ""},
		{"\xef\xbb\xbf{}", ingest.RejectMalformed, "", "\xef\xbb\xbf{}"},
		{`["EventType"]`, ingest.RejectMalformed, "", `["EventType"]`},
		{`{"EventType":"UserStatus",}`, ingest.RejectMalformed, "", "}"},
		{`{"EventType":"UserStatus"} {}`, ingest.RejectMalformed, "", "{}"},
		{`{"EventType":"User` + "\n" + `Status"}`, ingest.RejectMalformed, "", "\nStatus\"}"},
		{message("UserStatus", `"Talking":[}`), ingest.RejectMalformed, "", "}}"},
		{message("UserStatus", `"Talking":"perhaps"`, `"Serving":tru`), ingest.RejectMalformed, "", "}"},
		{message("UserStatus", `"Talking":-`), ingest.RejectMalformed, "", "}"},
		{message("UserStatus", `"Reason":"\u12x4"`), ingest.RejectMalformed, "", `x4"}`},
		{message("UserStatus", `"Reason":"\'"`), ingest.RejectMalformed, "", `'"}`},
		{`{"Timestamp":"` + at + `","OrganizationId":"` + org + `"}`, ingest.RejectBadField, "EventType", ""},
		{`{"EventType":"UserStatus","OrganizationId":"` + org + `"}`, ingest.RejectBadField, "Timestamp", ""},
		{`{"EventType":"UserStatus","OrganizationId":"` + org + `","Timestamp":"yesterday"}`, ingest.RejectBadField, "Timestamp", `"yesterday"}`},
		{`{"EventType":"UserStatus","Timestamp":"` + at + `","OrganizationId":"acme"}`, ingest.RejectBadField, "OrganizationId", `"acme"}`},
		{`{"EventType":"UserStatus","OrganizationId":"` + zero + `","Timestamp":"` + at + `"}`, ingest.RejectNoOrganization, "OrganizationId", ""},
		{message("UserStatus", `"Talking":"perhaps"`), ingest.RejectBadField, "Talking", `"perhaps"}`},
		{message("QueueAttachedUsers", `"AttachedUsers":[{"UserId":7}]`), ingest.RejectBadField, "AttachedUsers", `[{"UserId":7}]}`},
	} {
		var d Decoder
		var e ingest.Event
		err := d.Decode([]byte(c.message), &e)
		var reject *ingest.DecodeError
		offset := len(c.message) - len(c.rest)
		if !errors.As(err, &reject) || reject.Reason != c.reason || reject.Field != c.field || reject.Offset != offset || reject.Detail == "" {
			t.Errorf("%s:\ngot  %#v\nwant %s %s at %d", c.message, err, c.reason, c.field, offset)
		}
	}
}

// TestRejectKeepsWhatWasDecoded: a reject can name the organization, wherever the fault is.
func TestRejectKeepsWhatWasDecoded(t *testing.T) {
	for _, m := range []string{
		`{"Timestamp":"never","EventType":"UserStatus","OrganizationId":"` + org + `"}`,
		`{"EventType":"UserStatus","OrganizationId":"` + org + `","Talking":`,
		`{"EventType":"UserStatus","RootEntityType":"Organization","RootEntityId":"` + org + `",`,
	} {
		var d Decoder
		var e ingest.Event
		if err := d.Decode([]byte(m), &e); err == nil || e.OrganizationID.String() != org || string(e.TypeName) != "UserStatus" {
			t.Errorf("%s: %v, organization %s", m, err, e.OrganizationID)
		}
	}
}

func TestIDOfTheBody(t *testing.T) {
	const m = `{"EventType":"UserStatus","OrganizationId":"` + org + `","Timestamp":"` + at + `"}`
	var d Decoder
	var e ingest.Event
	for _, text := range []string{m, strings.Replace(m, "{", `{"Id":"`+zero+`",`, 1), strings.Replace(m, "{", `{"Id":null,`, 1)} {
		if err := d.Decode([]byte(text), &e); err != nil || e.ID != uuid.NewSHA1(BodyNamespace, []byte(text)) {
			t.Errorf("%s: %v, Id %s", text, err, e.ID)
		}
	}
	if err := d.Decode([]byte(m), &e); err != nil || e.ID.String() != "f2164c36-df9c-53fe-8341-17af6e2b37f7" {
		t.Errorf("%v, Id %s: it must never change", err, e.ID)
	}
}

// TestNothingCarriesOver decodes every pair of types with one decoder.
func TestNothingCarriesOver(t *testing.T) {
	all := examples(t)
	for first, a := range all {
		for _, b := range all {
			var d, fresh Decoder
			var e, want ingest.Event
			if err := errors.Join(d.Decode(a, &e), d.Decode(b, &e), fresh.Decode(b, &want)); err != nil {
				t.Fatal(err)
			}
			if dump(&e) != dump(&want) {
				t.Fatalf("after %s: got\n%s\nwant\n%s", first, dump(&e), dump(&want))
			}
		}
	}
}

// TestTextStaysValid: what one message's escapes became is not overwritten by the next messages.
func TestTextStaysValid(t *testing.T) {
	var d Decoder
	events := make([]ingest.Event, 5000)
	for i := range events {
		m := message("QueueCallInArrived", fmt.Sprintf(`"QueueName":"\u002B%d"`, i))
		if err := d.Decode([]byte(m), &events[i]); err != nil {
			t.Fatal(err)
		}
	}
	for i := range events {
		if want := fmt.Sprintf("+%d", i); string(events[i].QueueName) != want {
			t.Fatalf("event %d has QueueName %q", i, events[i].QueueName)
		}
	}
}

func TestNoAllocation(t *testing.T) {
	var d Decoder
	var e ingest.Event
	for name, m := range examples(t) {
		if n := testing.AllocsPerRun(100, func() {
			if err := d.Decode(m, &e); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// TestTruncated cuts every example at every byte.
func TestTruncated(t *testing.T) {
	var d Decoder
	var e ingest.Event
	for name, m := range examples(t) {
		m = bytes.TrimSpace(m)
		for n := range m {
			var reject *ingest.DecodeError
			// Without spare capacity, so that a read past the end would panic.
			if err := d.Decode(m[:n:n], &e); !errors.As(err, &reject) || reject.Reason != ingest.RejectMalformed || reject.Offset != n {
				t.Fatalf("%s cut to %d bytes: %#v", name, n, err)
			}
		}
	}
}

func TestHostile(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	many := strings.Repeat(`{"UserId":"`+user+`","Active":true},`, 20000) + `{"UserId":"` + user + `"}`
	for name, m := range map[string]string{
		"2 MB of text":        message("UserStatus", `"Note":"`+strings.Repeat("x", 2<<20)+`"`),
		"2 MB of used text":   message("UserStatus", `"Reason":"`+strings.Repeat("x", 2<<20)+`"`),
		"2 MB of escapes":     message("UserStatus", `"Reason":"`+strings.Repeat(`\u00e9`, 350000)+`"`),
		"2 MB of bad UTF-8":   message("UserStatus", `"Reason":"`+strings.Repeat("\xff", 2<<20)+`"`),
		"an endless number":   message("UserStatus", `"ServiceTerminals":`+strings.Repeat("9", 1<<20)),
		"an endless fraction": message("UserStatus", `"Timestamp":"2026-03-02T08:01:23.`+strings.Repeat("1", 1<<20)+`Z"`),
		"deepest":             message("UserStatus", `"Values":`+deep(9999)),
		"too deep":            message("UserStatus", `"Values":`+deep(10000)),
		"deep and cut":        message("UserStatus", `"Values":`+strings.Repeat(`{"a":[`, 6000)),
		"deep in a list":      message("QueueAttachedUsers", `"AttachedUsers":`+deep(10000)),
		"2 MB of users":       message("QueueAttachedUsers", `"AttachedUsers":[`+many+`]`),
		"many members":        message("UserStatus", strings.Repeat(`"Talking":true,"Talkinh":1,`, 50000)+`"a":1`),
		"repeated names":      message("UserStatus", `"Id":"`+user+`"`, `"OrganizationId":"`+queue+`"`, `"Talking":true`, `"Talking":false`),
		"NUL":                 message("UserStatus", `"Reason":"`+"\x00"+`"`),
	} {
		t.Run(name, func(t *testing.T) { compareWithOracle(t, []byte(m)) })
	}
}
