import grafanaConfig from '@grafana/eslint-config/flat.js';

export default [
  { ignores: ['dist/', 'node_modules/', 'coverage/'] },
  // Without it, ESLint would look at .js files only.
  { files: ['**/*.{js,mjs,ts,tsx}'] },
  ...grafanaConfig,
  { rules: { 'react/prop-types': 'off', 'react/react-in-jsx-scope': 'off' } },
];
