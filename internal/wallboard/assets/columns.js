// The tiles and columns: what each shows, and how it is defined. The definitions are those of docs/METRICS.md in short.
import { SECOND, grade, level, longestWait, overdue, waitGrade } from "./figures.js";
import { clock, number, percent } from "./format.js";

const OPEN = { 1: "no handler", 3: "closed", 4: "closed?" };

const UNSEEN = "the source of this queue does not tell it";

// shape stands beside every colour, so that none has to be told by it alone.
export const SHAPES = { met: "●", close: "◆", missed: "▲", some: "", none: "" };

export const TILES = [
  {
    key: "waiting", label: "Waiting", define: "Callers who have been accepted by a queue and whom no phone rings for, now.",
    cell: (t) => ({ text: number(t.waiting), state: t.late ? "missed" : t.waiting ? "some" : "none", sub: `${number(t.ringing)} ringing · ${number(t.connected)} connected` }),
  },
  {
    key: "longest", label: "Longest wait", define: "The longest current wait of a caller who waits or for whom a phone rings. Announcements that cannot be skipped do not count.",
    cell: (t) => ({ text: t.longest ? clock(t.longest) : "–", state: t.late ? "missed" : "none", sub: t.late ? `${number(t.late)} beyond the threshold` : "none beyond the threshold" }),
  },
  {
    key: "free", label: "Free agents", define: "Agents who can be given a call at once, each counted once however many queues they serve. With a selection of queues: those attached to one of them.",
    cell: (t) => ({ text: number(t.free), state: t.waiting && !t.free ? "close" : "none", sub: `${number(t.talking)} talking · ${number(t.wrapUp)} wrap-up · ${number(t.away)} away` + (t.stale ? ` · ${number(t.stale)} stale` : "") }),
  },
  {
    key: "level", label: "Service level today", define: "Of today's calls that count, those answered within their queue's threshold: answered in time / (answered + abandoned − short abandons + failed + callers who wait longer than the threshold now). It never looks better than the day will end. The target is the mean of the queues' targets, weighted by calls.",
    cell: (t) => ({ text: percent(t.level), state: grade(t.level, t.target), sub: t.target ? `target ${percent(t.target)}` : "no target" }),
  },
  {
    key: "answered", label: "Answered today", define: "Calls of today that an agent has answered, those still talking included. Today is the day where the queue is.",
    cell: (t) => ({ text: number(t.answered), state: "none", sub: `of ${number(t.offered)} offered` }),
  },
  {
    key: "abandoned", label: "Abandoned today", define: "Callers of today who gave up while they waited, after the queue had accepted them.",
    cell: (t) => ({ text: number(t.abandoned), state: "none", sub: t.offered ? `${percent((100 * t.abandoned) / t.offered)} of offered` : "–" }),
  },
];

export const COLUMNS = [
  {
    key: "waiting", label: "Waiting", define: "NbrOfQueuingRequesters: callers accepted by the queue and waiting; nobody's phone rings for them.",
    cell: (q, now) => ({ text: number(q.waiting), state: q.waiting > 0 ? waitGrade(q, now) : "none", title: q.waiting < 0 ? UNSEEN : undefined }),
  },
  {
    key: "longest", label: "Longest", define: "MaxWaitTime: the longest current wait of a caller who waits or for whom a phone rings. ◆ past half of the threshold, ▲ past the threshold.",
    cell: (q, now) => ({ text: q.since ? clock(longestWait(q, now)) : q.waiting < 0 ? "?" : "–", state: waitGrade(q, now), shaped: true, title: q.threshold ? `threshold ${clock(q.threshold / SECOND)}; ${overdue(q, now)} beyond it` : "no threshold" }),
  },
  {
    key: "ringing", label: "Ringing", define: "NbrOfAllocated: callers for whom an agent's phone rings.",
    cell: (q) => ({ text: number(q.ringing), state: q.ringing > 0 ? "some" : "none" }),
  },
  {
    key: "connected", label: "Talking", define: "NbrOfConnected: callers who are connected to an agent.",
    cell: (q) => ({ text: number(q.connected), state: q.connected > 0 ? "some" : "none" }),
  },
  {
    key: "agents", label: "Free / serving", define: "NbrOfAgentsImmediatelyFree: agents who can be given a call of this queue at once. NbrOfServingAgentsEstimate: those connected to its calls, and the free ones. An agent of several queues is in each. ◆ nobody is free while callers wait.",
    cell: (q) => {
      if (q.serving < 0) return { text: "?", state: "none", shaped: false, title: UNSEEN };
      const short = !q.free && q.waiting > 0;
      return { text: `${number(q.free)} / ${number(q.serving)}`, state: short ? "close" : q.serving ? "some" : "none", shaped: short, title: `${q.checked_in} checked in, ${q.busy} busy, ${q.away} away` + (q.stale ? `, ${q.stale} not heard of for long` : "") };
    },
  },
  {
    key: "away", label: "Away", define: "NbrOfAgentsLongTermAway: agents checked in but on do not disturb, off work or without a telephone.",
    cell: (q) => ({ text: number(q.away), state: q.away > 0 ? "some" : "none" }),
  },
  {
    key: "level", label: "Service level", define: "Today's, live: answered within the threshold / (answered + abandoned − short abandons + failed + callers who wait longer than the threshold now). ● the target is met, ◆ less than ten points below it, ▲ further below.",
    cell: (q, now) => {
      const p = level(q, now);
      const title = q.threshold ? `${number(q.met)} of ${number(q.base + overdue(q, now))} within ${clock(q.threshold / SECOND)}, target ${q.target}%` : "no service level is configured";
      return { text: percent(p), state: grade(p, q.target), shaped: true, title };
    },
  },
  {
    key: "answered", label: "Answered", define: "InboundAnsweredCalls: today's calls that an agent has answered, those still talking included.",
    cell: (q) => ({ text: number(q.answered), state: q.answered ? "some" : "none", title: `of ${number(q.offered)} offered on ${q.day}` }),
  },
  {
    key: "abandoned", label: "Abandoned", define: "Today's callers who gave up while they waited, after the queue had accepted them.",
    cell: (q) => ({ text: number(q.abandoned), state: q.abandoned ? "some" : "none", title: q.offered ? `${percent((100 * q.abandoned) / q.offered)} of ${number(q.offered)} offered` : "nobody was offered yet" }),
  },
];

export const NAME = { key: "name", label: "Queue", define: "Its open status is beside it where it is closed (OpenStatus). Queues are sorted by trouble: callers who wait beyond the threshold, by their wait; then callers waiting; then the distance to the target." };

export const TRAIL = { key: "trail", label: "Last 30 min", define: "Waiting: the most callers in each quarter of a minute of the last half hour, the newest at the right. It begins anew when Ringside is started." };

export function openText(q) {
  return OPEN[q.open] || "";
}
