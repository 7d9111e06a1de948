const unit: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** The seconds of "45s", "1h30m", "7d"; undefined where it is no time. */
export function secondsOf(text: string): number | undefined {
  if (!/^(\d{1,6}[smhdw])+$/.test(text)) {
    return undefined;
  }
  return [...text.matchAll(/(\d+)([smhdw])/g)].reduce((sum, [, n, u]) => sum + Number(n) * unit[u], 0);
}
