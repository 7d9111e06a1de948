const schemes = ['http:', 'https:', 'clickhouse:', 'clickhouses:', 'tcp:'];

/** What is wrong with the address of a ClickHouse, in words for whoever typed it. */
export function urlProblem(text: string): string | undefined {
  const scheme = /^([a-z]+:)\/\/[^/]/i.exec(text)?.[1].toLowerCase();
  if (!scheme || !schemes.includes(scheme)) {
    return 'An address begins with http://, https:// or clickhouse://, and a host follows';
  }
  let url: URL;
  try {
    // Browsers take hosts and ports apart for http only.
    url = new URL(text.replace(/^[a-z]+:/i, 'http:'));
  } catch {
    return 'This is no address';
  }
  if (url.username || url.password) {
    return 'User and password have fields of their own: here, everyone who may see the data source would see them';
  }
  return undefined;
}
