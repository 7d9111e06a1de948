// The forwarders run as they are, in the browsers that contact centres have: plain scripts of ES2017.
const names = ['window', 'URL', 'Uint8Array', 'Promise', 'Map', 'Set'];

export default [
  {
    files: ['**/*.js'],
    languageOptions: {
      ecmaVersion: 2017,
      sourceType: 'script',
      globals: Object.fromEntries(names.map((name) => [name, 'readonly'])),
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'array-callback-return': 'error',
      curly: 'error',
      eqeqeq: 'error',
      'no-constant-condition': ['error', { checkLoops: false }],
      'no-dupe-keys': 'error',
      'no-empty': 'error',
      'no-fallthrough': 'error',
      'no-implicit-globals': 'error',
      'no-loop-func': 'error',
      'no-promise-executor-return': ['error', { allowVoid: true }],
      'no-shadow': 'error',
      'no-undef': 'error',
      'no-unreachable': 'error',
      'no-unused-vars': ['error', { caughtErrors: 'none' }],
      'no-use-before-define': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      strict: ['error', 'function'],
    },
  },
];
