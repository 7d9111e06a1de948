package enreach

import (
	"encoding/json"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"ringside/ingest"
)

// oracleSet sets a field from a JSON value by the field's type, and returns false if the value does not fit.
func oracleSet(to reflect.Value, value any) bool {
	if value == nil {
		return true
	}
	text, isText := value.(string)
	if number, ok := value.(json.Number); ok {
		text = number.String()
	} else if b, ok := value.(bool); ok {
		text = strconv.FormatBool(b)
	} else if !isText {
		return false
	}
	if _, wantText := to.Interface().([]byte); !wantText && isText && text == "" {
		return true
	}
	_, isBool := value.(bool)
	_, isNumber := value.(json.Number)
	switch to.Interface().(type) {
	case []byte:
		to.SetBytes([]byte(text))
		return true
	case uuid.UUID:
		u, ok := oracleUUID(text)
		if ok && isText {
			to.Set(reflect.ValueOf(u))
		}
		return ok && isText
	case ingest.Time:
		t, ok := oracleTime(text)
		if ok && isText {
			to.Set(reflect.ValueOf(t))
		}
		return ok && isText
	case bool:
		if isNumber {
			f, ok := oracleInt(text)
			if ok && (f == 0 || f == 1) {
				to.SetBool(f == 1)
				return true
			}
			return false
		}
		b := strings.ToLower(text)
		if b != "true" && b != "false" || strings.ContainsAny(text, "ſK") {
			return false
		}
		to.SetBool(b == "true")
		return true
	case int32:
		n, ok := oracleInt(text)
		if isBool || !ok {
			return false
		}
		to.SetInt(n)
		return true
	case ingest.OptInt:
		n, ok := oracleInt(text)
		if isBool || !ok {
			return false
		}
		to.Set(reflect.ValueOf(ingest.OptInt{Value: int32(n), Valid: true}))
		return true
	default:
		return true // lists are read by their own functions
	}
}

var oracleUUIDs = regexp.MustCompile(`^(\{[0-9a-fA-F-]{36}\}|[0-9a-fA-F-]{36}|[0-9a-fA-F]{32})$`)

func oracleUUID(text string) (uuid.UUID, bool) {
	if !oracleUUIDs.MatchString(text) {
		return uuid.Nil, false
	}
	u, err := uuid.Parse(text)
	return u, err == nil
}

var oracleTimes = regexp.MustCompile(`^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|[+-]\d\d(:?\d\d)?)?$`)

func oracleTime(text string) (ingest.Time, bool) {
	m := oracleTimes.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	fraction := m[7]
	if len(fraction) > 8 {
		fraction = fraction[:8]
	}
	zone := strings.ReplaceAll(m[8], ":", "")
	switch len(zone) {
	case 0, 1:
		zone = "+0000"
	case 3:
		zone += "00"
	}
	// time.Parse takes offsets up to 24 hours and 60 minutes; a day has 23:59.
	if zone[1:3] > "23" || zone[3:5] > "59" {
		return 0, false
	}
	whole := m[1] + "-" + m[2] + "-" + m[3] + "T" + m[4] + ":" + m[5] + ":" + m[6]
	t, err := time.Parse("2006-01-02T15:04:05-0700", whole+zone)
	if err != nil {
		return 0, false
	}
	if m[1]+m[2]+m[3] == "00010101" {
		return ingest.Unset, true
	}
	if m[1] == "9999" {
		return ingest.OpenEnded, true
	}
	ticks := int64(0)
	if fraction != "" {
		ticks, _ = strconv.ParseInt((fraction[1:] + "0000000")[:7], 10, 64)
	}
	return ingest.Time(t.Unix()*ingest.TicksPerSecond + ticks), true
}

var oracleNumbers = regexp.MustCompile(`^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$`)

func oracleFloat(text string) (float64, bool) {
	if !oracleNumbers.MatchString(text) {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil
}

func oracleInt(text string) (int64, bool) {
	f, ok := oracleFloat(text)
	f = math.Round(f)
	if !ok || f < math.MinInt32 || f > math.MaxInt32 {
		return 0, false
	}
	return int64(f), true
}

func isFigure(name string) bool {
	for _, list := range published {
		for _, figure := range list {
			if figure == name {
				return true
			}
		}
	}
	return false
}

// oracleFigure returns nil for null.
func oracleFigure(value any, openStatus bool) (*float64, bool) {
	one, zero := 1.0, 0.0
	switch v := value.(type) {
	case nil:
		return nil, true
	case bool:
		if v {
			return &one, true
		}
		return &zero, true
	case json.Number:
		f, ok := oracleFloat(v.String())
		return &f, ok
	case string:
		if v == "" || v == "NaN" {
			return nil, true
		}
		status := map[string]float64{"NA": 0, "NoActiveHandler": 1, "NoActiveHandlerUncertain": 2, "Closed": 3, "ClosedUncertain": 4,
			"Open": 5, "OpenUncertain": 6}
		if f, ok := status[v]; ok && openStatus {
			return &f, true
		}
		f, ok := oracleFloat(v)
		return &f, ok
	}
	return nil, false
}

// oracleEntries sets the entries of a list, each from its members by the given fields.
func oracleEntry(entry any, to reflect.Value, fields map[string]string) bool {
	list, ok := entry.([]oracleMember)
	for _, m := range list {
		if field, known := fields[m.name]; known && !oracleSet(to.FieldByName(field), m.value) {
			ok = false
		}
	}
	return ok
}

func oracleUsers(list []any, e *ingest.Event) bool {
	e.AttachedUsers = nil
	all := true
	for _, entry := range list {
		var user ingest.AttachedUser
		if entry == nil {
			continue
		}
		ok := oracleEntry(entry, reflect.ValueOf(&user).Elem(), map[string]string{"UserId": "UserID", "Active": "Active", "Priority": "Priority"})
		if ok && user.UserID != uuid.Nil {
			e.AttachedUsers = append(e.AttachedUsers, user)
		}
		all = all && ok
	}
	return all
}

func oracleGroups(list []any, e *ingest.Event) bool {
	e.QueueGroups = nil
	all := true
	for _, entry := range list {
		var group ingest.QueueGroup
		if entry == nil {
			continue
		}
		ok := oracleEntry(entry, reflect.ValueOf(&group).Elem(), map[string]string{"Id": "ID", "Name": "Name"})
		if ok {
			e.QueueGroups = append(e.QueueGroups, group)
		}
		all = all && ok
	}
	return all
}

// oracleAttempts keeps every entry, whatever of it can be read.
func oracleAttempts(list []any) (attempts []ingest.CallbackAttempt) {
	for _, entry := range list {
		if _, ok := entry.([]oracleMember); ok {
			var attempt ingest.CallbackAttempt
			oracleEntry(entry, reflect.ValueOf(&attempt).Elem(), map[string]string{"Timestamp": "Timestamp",
				"CallbackAttemptTypeId": "TypeID", "UserId": "UserID", "CallId": "CallID"})
			attempts = append(attempts, attempt)
		}
	}
	return attempts
}
