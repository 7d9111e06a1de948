// Bundles page.tsx with Grafana's packages. It is kept from one test to the next as long as they stay the same.
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');

export default {
  mode: 'development',
  devtool: false,
  context: root,
  entry: { page: './browser/page.tsx' },
  experiments: { css: true },
  module: {
    rules: [
      { test: /\.tsx?$/, exclude: /node_modules/, loader: 'swc-loader', options: { jsc: { target: 'es2022', parser: { syntax: 'typescript', tsx: true }, transform: { react: { runtime: 'automatic' } } } } },
      { test: /\.m?js$/, resolve: { fullySpecified: false } },
      { test: /\.ttf$/, type: 'asset/resource' },
    ],
  },
  output: { path: path.join(root, 'node_modules/.cache/browser'), filename: '[name].js', publicPath: '/bundle/' },
  resolve: { extensions: ['.tsx', '.ts', '.mjs', '.js'], fallback: { path: false, fs: false } },
  performance: { hints: false },
  ignoreWarnings: [/.*/],
};
