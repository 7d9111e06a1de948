// The badge tells how old the figures are: silence, an outage and calm must not look alike.
import { duration } from "./format.js";

const AGED = 15, OLD = 60; // seconds

// badge returns state and text; lost is how long the connection is, in seconds, null while it is there.
export function badge(figures, lost) {
  if (lost !== null) return { state: "bad", text: figures.loaded ? `connection lost, figures ${duration(lost)} old` : "no connection" };
  if (!figures.loaded) return { state: "warn", text: "connecting" };
  if (figures.trouble) return { state: "bad", text: figures.trouble };
  if (figures.behind >= 5) return { state: figures.behind >= OLD ? "bad" : "warn", text: `catching up, ${duration(figures.behind)} behind` };
  const age = figures.age();
  if (age === null) return { state: "warn", text: "no events yet" };
  if (age < AGED) return { state: "good", text: "live" };
  return { state: age < OLD ? "warn" : "bad", text: `newest event ${duration(age)} ago` };
}

export const BADGE_SHAPES = { good: "●", warn: "◆", bad: "▲" };
