// The zone of the tests is fixed: what they print must not depend on the machine.
process.env.TZ = 'UTC';

// Packages that come as ES modules only; jest has to transform them.
const esModules = [
  '@grafana/schema', '@wojtekmaj/date-utils', 'd3', 'd3-color', 'd3-force', 'd3-interpolate', 'd3-scale-chromatic', 'get-user-locale', 'marked',
  'memoize', 'mimic-function', 'ol', 'react-calendar', 'react-colorful', 'rxjs', 'uuid',
];

module.exports = {
  testEnvironment: 'jsdom',
  // Editors are drawn whole, on machines that have other things to do.
  testTimeout: 60_000,
  testMatch: ['<rootDir>/src/**/*.test.{ts,tsx}'],
  setupFilesAfterEnv: ['<rootDir>/jest.setup.js'],
  moduleNameMapper: { '\\.(css|scss)$': 'identity-obj-proxy', 'react-inlinesvg': '<rootDir>/src/test/inlineSvg.tsx' },
  transform: {
    '^.+\\.m?(t|j)sx?$': [
      '@swc/jest',
      { sourceMaps: 'inline', jsc: { parser: { syntax: 'typescript', tsx: true }, transform: { react: { runtime: 'automatic' } } } },
    ],
  },
  transformIgnorePatterns: [`node_modules/(?!.*(${esModules.join('|')})/.*)`],
};
