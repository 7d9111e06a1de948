// How figures are written.

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

// number writes a count; -1 is one that is not known.
export function number(n) {
  return n < 0 ? "?" : whole.format(n);
}

// clock writes seconds as m:ss or h:mm:ss.
export function clock(seconds) {
  const s = Math.floor(seconds);
  const two = (n) => String(n).padStart(2, "0");
  const h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60;
  return h ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
}

// percent cuts, and does not round up: 79.96 of 80 is not met.
export function percent(p) {
  if (p === null) return "–";
  return p >= 100 ? "100%" : `${(Math.floor(p * 10 + 1e-6) / 10).toFixed(1)}%`;
}

export function duration(seconds) {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} d`;
}
