import { ianaZone } from './timeZone';

it.each([
  ['browser', 'UTC'], // that of the tests
  ['', 'UTC'],
  [undefined, 'UTC'],
  ['utc', 'UTC'],
  ['Europe/Berlin', 'Europe/Berlin'],
])('%s is %s', (zone, want) => {
  expect(ianaZone(zone)).toBe(want);
});
