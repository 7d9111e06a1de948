package top

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// WritePlain prints s as a table without colours, for scripts and for output that is no terminal.
func WritePlain(w io.Writer, s Snapshot, now time.Time) error {
	now = s.Present(now)
	if s.Agents != nil {
		return writeAgents(w, s.Agents, now)
	}
	Sort(s.Queues, ByTrouble, now)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, strings.Join([]string{"QUEUE", "WAITING", "LONGEST", "CONNECTED", "FREE", "SERVING", "LEVEL", "TARGET",
		"OFFERED", "ANSWERED", "ABANDONED"}, "\t"))
	for i := range s.Queues {
		q := &s.Queues[i]
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\n", clean(q.Name), figure(q.Waiting), clock(q.LongestWait(now)),
			figure(q.Connected), figure(q.Free), figure(q.Serving), percent(q.Level, q.HasLevel), percent(q.Target, q.Target > 0), q.Offered,
			q.Answered, q.Abandoned)
	}
	sum := Sum(s.Queues, now)
	fmt.Fprintf(t, "TOTAL\t%d\t%s\t%d\t\t\t\t\t%d\t%d\t%d\n", sum.Waiting, clock(sum.Longest), sum.Connected, sum.Offered,
		sum.Answered, sum.Abandoned)
	if len(s.Lists) > 0 {
		if err := t.Flush(); err != nil { // columns of its own
			return fmt.Errorf("print the wallboard: %w", err)
		}
		fmt.Fprintln(t, "\nCALLBACK LIST\tOPEN\tFREE\tASSIGNED\tOVERDUE")
		for i := range s.Lists {
			l := &s.Lists[i]
			fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\n", clean(l.ID), l.Open, l.Free, l.Assigned, l.Overdue)
		}
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("print the wallboard: %w", err)
	}
	return nil
}

// clock writes d as m:ss or h:mm:ss, and nothing waiting as "-".
// figure writes a figure of now.
func figure(n int) string {
	if n == Unknown {
		return "?"
	}
	return strconv.Itoa(n)
}

func clock(d time.Duration) string {
	s := int(d / time.Second)
	switch {
	case d <= 0:
		return "-"
	case s < 3600:
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	default:
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
}

func percent(v float64, known bool) string {
	if !known {
		return "-"
	}
	return strconv.FormatFloat(v, 'f', 1, 64) + "%"
}

// clean keeps control characters in a queue's name from reaching the terminal.
func clean(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return ' '
		}
		return r
	}, name)
}
