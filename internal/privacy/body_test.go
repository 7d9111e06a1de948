package privacy

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ringside/ingest"
)

func TestBody(t *testing.T) {
	for _, c := range []struct {
		what, message, want string
		target              bool
	}{
		{"none", `{"A":1}`, `{"A":1}`, true},
		{"empty and null stay", `{"CallerNumber":"","ContactNumber":null}`, `{"CallerNumber":"","ContactNumber":null}`, true},
		{"members", `{"CallerNumber":"+358401234567", "TargetNumber" : "+35810000","B":"c"}`, `{"CallerNumber":"*4567", "TargetNumber" : "+35810000","B":"c"}`, false},
		{"target", `{"TargetNumber" :` + "\n\t" + `"+35810000"}`, `{"TargetNumber" :` + "\n\t" + `"*0000"}`, true},
		{"all names", `{"ContactNumber":"5551234","TechNumber":"5551235"}`, `{"ContactNumber":"*234","TechNumber":"*235"}`, false},
		{"other numbers", `{"QueueNumber":"+358401234567","MyCallerNumber":"5551234","Number":"1"}`, `{"QueueNumber":"+358401234567","MyCallerNumber":"5551234","Number":"1"}`, true},
		{"the same elsewhere", `{"ConnectedTarget":"+358401234567","CallerNumber":"+358401234567","X":["+358401234567"],"Y":"+3584012345678"}`,
			`{"ConnectedTarget":"*4567","CallerNumber":"*4567","X":["*4567"],"Y":"+3584012345678"}`, false},
		{"a word that is the same", `{"Reason":"Unknown","CallerNumber":"Unknown"}`, `{"Reason":"Unknown","CallerNumber":"*"}`, false},
		{"nested and repeated", `{"CallBack":{"ContactNumber":"5551234"},"L":[{"ContactNumber":"5551235"}],"CallerNumber":"1","CallerNumber":"22"}`,
			`{"CallBack":{"ContactNumber":"*234"},"L":[{"ContactNumber":"*235"}],"CallerNumber":"*","CallerNumber":"*2"}`, false},
		{"a number of JSON", `{"CallerNumber":358401234567,"A":true}`, `{"CallerNumber":"*4567","A":true}`, false},
		{"a list", `{"CallerNumber":["5551234",5551235,true,{"A":"5551236"}],"B":"5551237"}`, `{"CallerNumber":["*234","*235",true,{"A":"*236"}],"B":"5551237"}`, false},
		{"escapes", `{"CallerNumber":"\u002B358401234567","Note":"a\"b"}`, `{"CallerNumber":"*4567","Note":"a\"b"}`, false},
		{"an escaped name after harmless escapes", `{"A":"\u002B\n\u00e4","Caller\u004Eumber":"5551234"}`, `{"A":"\u002B\n\u00e4","Caller\u004Eumber":"*234"}`, false},
		{"two escaped numbers", `{"CallerNumber":"\u002B5551234","ContactNumber":"\u002B5551235","TechNumber":"\u002B5551234"}`, `{"CallerNumber":"*234","ContactNumber":"*235","TechNumber":"*234"}`, false},
		{"an escaped digit", `{"CallerNumber":"\u00355512345"}`, `{"CallerNumber":"*2345"}`, false},
		{"an escaped name", `{"Caller\u004eumber":"5551234"}`, `{"Caller\u004eumber":"*234"}`, false},
		{"a name in a text", `{"Note":"\"CallerNumber\":\"5551234\"","A":"CallerNumber"}`, `{"Note":"\"CallerNumber\":\"5551234\"","A":"CallerNumber"}`, false},
		{"a name as a value", `{"A":"CallerNumber","B":["CallerNumber","5551234"]}`, `{"A":"CallerNumber","B":["CallerNumber","5551234"]}`, false},
		{"replaced before", `{"CallerNumber":"*4567","ContactNumber":"h_AAAAAAAAAAAAAAAA"}`, `{"CallerNumber":"*4567","ContactNumber":"h_AAAAAAAAAAAAAAAA"}`, false},
	} {
		n := numbers(t, Last4)
		if got := string(n.Body(ingest.SourceEnreach, []byte(c.message), c.target)); got != c.want {
			t.Errorf("%s: %s\nwant %s", c.what, got, c.want)
		}
		if !json.Valid([]byte(c.want)) {
			t.Errorf("%s: what is wanted is no JSON", c.what)
		}
		if got := string(numbers(t, Keep).Body(ingest.SourceEnreach, []byte(c.message), c.target)); got != c.message {
			t.Errorf("%s, keep: %s", c.what, got)
		}
	}
}

// TestBodyOfForwarders goes through what forwarders send: names in another case, and addresses that are no numbers.
func TestBodyOfForwarders(t *testing.T) {
	for _, c := range []struct{ source, message, want string }{
		{ingest.SourceAvaya, `{"source":"avaya","agent":"600008","data":{"originatingAddress":"(014) 427-4427","destinationAddress":"1001","resourceAddress":"600008","title":"(014) 427-4427"}}`,
			`{"source":"avaya","agent":"600008","data":{"originatingAddress":"*4427","destinationAddress":"*01","resourceAddress":"600008","title":"*4427"}}`},
		{ingest.SourceBrightPattern, `{"data":{"ANI":"5551234","DNIS":5551235,"phoneNumber":"+1 555 1236","callParties":[{"id":"7","phone":"5551237"}],"email":"someone@example.com"}}`,
			`{"data":{"ANI":"*234","DNIS":"*235","phoneNumber":"*1236","callParties":[{"id":"7","phone":"*237"}],"email":"*"}}`},
		{ingest.SourceAvaya, `{"data":{"resourceStates":{"EMAIL":{"state":"READY"}},"email":"someone@example.com"}}`,
			`{"data":{"resourceStates":{"EMAIL":{"state":"READY"}},"email":"*"}}`},
		{ingest.SourceOpenMethods, `{"data":{"Ani":"5551234","name":"p1"}}`, `{"data":{"Ani":"*234","name":"p1"}}`},
		{ingest.SourceEnreach, `{"phone":"5551234"}`, `{"phone":"5551234"}`},
	} {
		if got := string(numbers(t, Last4).Body(c.source, []byte(c.message), false)); got != c.want {
			t.Errorf("%s: %s\nwant %s", c.source, got, c.want)
		}
		if got := string(numbers(t, Last4).Reject([]byte(c.message))); c.source != ingest.SourceEnreach && got != c.want {
			t.Errorf("%s, rejected: %s\nwant %s", c.source, got, c.want)
		}
	}
}

func TestReject(t *testing.T) {
	for _, c := range []struct{ what, message, want string }{
		{"empty", ``, ``},
		{"JSON", `{"TargetNumber":"5551234","Id":12345678}`, `{"TargetNumber":"*234","Id":12345678}`},
		{"cut", `{"Id":"24422850-abc3-4525-9567-e2fd4bd0adcb","Timestamp":"2026-03-02T11:23:36.5584788Z","CallerNumber":"123","A":"+358 40-123 45 67","B":"040/1234567 `,
			`{"Id":"24422850-abc3-4525-9567-e2fd4bd0adcb","Timestamp":"2026-03-02T11:23:36.5584788Z","CallerNumber":"*3","A":"*4567","B":"*4567 `},
		{"escaped plus", `{"CallerNumber":"\u002B358401234567`, `{"CallerNumber":"\u002B*4567`},
		{"no JSON", `caller=+358401234567&queue=12&leg=123456`, `caller=*4567&queue=12&leg=123456`},
		{"only a number", `358401234567`, `*4567`},
		{"in a word", `x24422850-abc3-4525-9567-e2fd4bd0adcb`, `x*2850-abc*9567-e2fd4bd0adcb`},
		{"two lines", "5551234\n5551235", "*234\n*235"},
		{"not UTF-8", "\xff5551234\xfe", "\xff*234\xfe"},
	} {
		if got := string(numbers(t, Last4).Reject([]byte(c.message))); got != c.want {
			t.Errorf("%s: %s\nwant %s", c.what, got, c.want)
		}
	}
	if got := numbers(t, Keep).Reject([]byte("5551234")); string(got) != "5551234" {
		t.Errorf("keep: %s", got)
	}
}

// The look and the scanner find the same in every kind of message, and change nothing else.
func TestGlanceAgreesWithScanner(t *testing.T) {
	files, err := filepath.Glob("../../ingest/vendors/enreach/testdata/*.json")
	if err != nil || len(files) < 50 {
		t.Fatalf("%d messages, %v", len(files), err)
	}
	changed, compared := 0, 0
	for _, file := range files {
		message, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, target := range []bool{false, true} {
			n := numbers(t, Hash)
			n.found = nil
			looked := n.glance(message, target)
			glanced := string(n.rewrite(message))
			if ok := n.read(message, holdsNumber(ingest.SourceEnreach, target)); !ok {
				t.Fatalf("%s is no JSON", file)
			}
			if looked {
				compared++
			}
			if scanned := string(n.rewrite(message)); looked && scanned != glanced {
				t.Errorf("%s: a look gives %s\nthe scanner %s", file, glanced, scanned)
			} else if scanned != string(message) {
				changed++
				checkOthersUnchanged(t, file, message, []byte(scanned))
			}
		}
	}
	if changed < 20 || compared < 20 {
		t.Errorf("only %d messages had a number, only %d were compared", changed, compared)
	}
}

func checkOthersUnchanged(t *testing.T, file string, before, after []byte) {
	t.Helper()
	var b, a map[string]json.RawMessage
	if err := json.Unmarshal(before, &b); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(after, &a); err != nil {
		t.Fatalf("%s: %v: %s", file, err, after)
	}
	for name, value := range b {
		if !strings.HasSuffix(name, "Number") && !bytes.Contains(value, []byte("Number")) && !bytes.Equal(value, a[name]) {
			t.Errorf("%s: %s was %s and is %s", file, name, value, a[name])
		}
	}
}

// What is JSON stays JSON, no number is left in its place, and nothing is replaced twice.
func FuzzBody(f *testing.F) {
	f.Add([]byte(`{"CallerNumber":"+358401234567","A":["x",{"TargetNumber":12}]}`))
	f.Add([]byte(`{"Caller\u004eumber":"\u002B358","CallerNumber":`))
	f.Add([]byte(`{"CallerNumber":"\u002B3584012","A":"\/\u00e4\\","ContactNumber":"\u0031"}`))
	f.Add([]byte("{\"CallerNumber\":\"\xb1\"}"))
	f.Add([]byte(`caller=+358 40 123 4567`))
	n, err := New(Hash, key)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		before := bytes.Clone(message)
		once := bytes.Clone(n.Reject(message))
		if !bytes.Equal(before, message) {
			t.Fatal("the message itself was changed")
		}
		if trimmed := bytes.TrimSpace(message); !json.Valid(message) || trimmed[0] != '{' && trimmed[0] != '[' {
			return
		}
		if !json.Valid(once) {
			t.Fatalf("%q became %q", message, once)
		}
		if body := n.Body(ingest.SourceEnreach, message, true); !bytes.Equal(body, once) && json.Unmarshal(message, &map[string]any{}) == nil {
			t.Fatalf("Body gives %q, Reject %q", body, once)
		}
		if again := n.Reject(once); !bytes.Equal(again, once) {
			t.Fatalf("%q became %q the second time", once, again)
		}
	})
}

var benchMessage = []byte(`{"RootEntityType":"Organization","RootEntityId":"24422850-abc3-4525-9567-e2fd4bd0adcb","EventType":"QueueCallInArrived","EntityType":"Queue","EntityId":"431bdbea-a379-40f1-a6bc-3c21d2be100a","MessageTTLSeconds":60,"QueueId":"431bdbea-a379-40f1-a6bc-3c21d2be100a","OrganizationId":"24422850-abc3-4525-9567-e2fd4bd0adcb","QueueName":"Asiakaspalvelu","CallId":"db82982f-b9b3-4093-a6d2-92cc812fa79e","LegId":"db82982f-b9b3-4093-a6d2-92cc812fa790","CallerNumber":"+358401234567","TargetNumber":"+358101234","Id":"db82982f-b9b3-4093-a6d2-92cc812fa79e","Timestamp":"2026-03-02T11:23:36.5584788Z"}`)

// BenchmarkBody is what one event costs whose body is kept.
func BenchmarkBody(b *testing.B) {
	for name, message := range map[string][]byte{"glance": benchMessage, "escaped": bytes.ReplaceAll(benchMessage, []byte(`"+`), []byte(`"\u002B`)),
		"scanner": bytes.Replace(benchMessage, []byte("Asiakas"), []byte(`\"Asiakas\"`), 1)} {
		b.Run(name, func(b *testing.B) {
			n := numbers(b, Hash)
			b.ReportAllocs()
			for range b.N {
				n.Body(ingest.SourceEnreach, message, false)
			}
		})
	}
}

func BenchmarkNumber(b *testing.B) {
	for name, different := range map[string]int{"cached": 100, "new": 1 << 20} {
		b.Run(name, func(b *testing.B) {
			n := numbers(b, Hash)
			number := []byte("+358401234567")
			b.ReportAllocs()
			for i := range b.N {
				k := i % different
				number[9], number[10], number[11], number[12] = '0'+byte(k>>18), '0'+byte(k>>12&63), '0'+byte(k>>6&63), '0'+byte(k&63)
				n.Number(number)
			}
		})
	}
}
