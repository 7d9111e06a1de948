// Package scenario reads and runs the text files of aggregate/testdata/scenarios: a few events, and the tables that
// must come of them by docs/METRICS.md. A file is a script of lines; '#' begins a comment.
//
//	zone support Europe/Helsinki              the queue's configured zone, of "-" the organization's; `hours support mon-fri 08:00-16:00` likewise
//	rules support threshold=20s short=5s      service level rules; also target=80
//	settings lateness=1h prompt_max=30s       any duration of aggregate.Settings
//	@2026-03-02T09:00:00Z                     where offsets count from
//	+0     call1 InComing support leg=L1      QueueCallInComing; the prefix QueueCallIn may be left out
//	+9.5   call1 UserConnected support anna   first the queue, then the user
//	+60    call1 UserCallInDisconnected anna  events of users by their full name
//	+61    UserStatus anna talking serving    events of no call
//	+60    call1 Disconnected support id=x => duplicate    what Apply must answer
//	now +3600                                 the wall clock
//	calls                                     a table: what it must be at this point; only the columns named count
//	| call | queue | outcome | wait |
//	| call1 | support | answered | 9.5 |
//
// Offsets are seconds, or a Go duration (+1h2m). `repeat 70 every 30s` … `end` repeats lines, `$` standing for the
// number of the round. Tables are calls, daily, intervals, status, callbacks, lists, orphans and accounting. In tables
// durations are seconds, instants are offsets, '-' is none.
package scenario
