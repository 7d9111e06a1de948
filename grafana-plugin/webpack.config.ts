// Grafana's own configuration for plugins (.config, kept as create-plugin makes it), but for what is decided here.
import type { Configuration, RuleSetRule } from 'webpack';
import ReplaceInFileWebpackPlugin from 'replace-in-file-webpack-plugin';

import base, { type Env } from './.config/webpack/webpack.config.ts';

// The editors are written for React's automatic JSX, and Grafana's browsers know what TypeScript compiles to.
const swc: RuleSetRule = {
  test: /\.[tj]sx?$/,
  exclude: /node_modules/,
  loader: 'swc-loader',
  options: {
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', tsx: true },
      transform: { react: { runtime: 'automatic' } },
    },
  },
};

// Grafana shows the pictures that plugin.json names; it does not resolve those of the README.
const withoutPictures = new ReplaceInFileWebpackPlugin([
  { dir: 'dist', files: ['README.md'], rules: [{ search: /^!\[.*\]\(img\/.*\)\n\n/gm, replace: '' }] },
]);

const isSwc = (rule: unknown) => JSON.stringify((rule as RuleSetRule).use ?? '').includes('swc-loader');

const config = async (env: Env): Promise<Configuration> => {
  const c = await base(env);
  const rules = (c.module?.rules ?? []).map((rule) => (isSwc(rule) ? swc : rule));
  return { ...c, module: { ...c.module, rules }, plugins: [...(c.plugins ?? []), withoutPictures], cache: false, performance: { hints: false } };
};

export default config;
