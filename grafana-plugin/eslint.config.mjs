import grafanaConfig from '@grafana/eslint-config/flat.js';

export default [{ ignores: ['dist/', 'node_modules/', 'coverage/'] }, ...grafanaConfig, { rules: { 'react/prop-types': 'off', 'react/react-in-jsx-scope': 'off' } }];
