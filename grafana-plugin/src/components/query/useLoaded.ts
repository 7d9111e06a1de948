import { useEffect, useState } from 'react';

export interface Loaded<T> {
  value?: T;
  error?: string;
}

/** What a promise brings. A component that has gone by then does not hear of it. */
export function useLoaded<T>(load: () => Promise<T>, dependencies: unknown[]): Loaded<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>({});
  useEffect(() => {
    let gone = false;
    load().then(
      (value) => gone || setLoaded({ value }),
      (error: unknown) => gone || setLoaded({ error: messageOf(error) })
    );
    return () => {
      gone = true;
    };
    // The callers name what `load` depends on.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, dependencies);
  return loaded;
}

/** Grafana's failed requests have the backend's text inside. */
export function messageOf(error: unknown): string {
  const e = error as { data?: { message?: string; error?: string }; message?: string; statusText?: string };
  return e?.data?.message || e?.data?.error || e?.message || e?.statusText || String(error);
}
