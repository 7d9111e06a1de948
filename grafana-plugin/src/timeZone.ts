/** The IANA name of a dashboard's zone: dashboards say "browser" and "utc", too, and nothing for the user's own preference. */
export function ianaZone(zone: string | undefined): string {
  switch (zone?.toLowerCase()) {
    case undefined:
    case '':
    case 'browser':
      return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
    case 'utc':
      return 'UTC';
    default:
      return zone!;
  }
}
