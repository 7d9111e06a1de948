// Builds src/ into dist/module.js, the AMD module that Grafana loads, and copies what belongs beside it.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import CopyPlugin from 'copy-webpack-plugin';
import TerserPlugin from 'terser-webpack-plugin';

const root = import.meta.dirname;
const pkg = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const today = new Date(process.env.SOURCE_DATE_EPOCH ? Number(process.env.SOURCE_DATE_EPOCH) * 1000 : Date.now());

const filled = (content) =>
  content.toString().replaceAll('%VERSION%', pkg.version).replaceAll('%TODAY%', today.toISOString().slice(0, 10));

export default (env) => ({
  mode: env.production ? 'production' : 'development',
  context: path.join(root, 'src'),
  entry: { module: './module.ts' },
  devtool: env.production ? 'source-map' : 'eval-source-map',
  // Grafana brings these; a second copy of React or of its own packages would not work.
  externals: [
    { 'amd-module': 'module' },
    'react',
    'react/jsx-runtime',
    'react/jsx-dev-runtime',
    'react-dom',
    'rxjs',
    'lodash',
    'moment',
    '@emotion/css',
    '@emotion/react',
    /^@grafana\/(data|runtime|ui)/,
  ],
  module: {
    rules: [
      {
        test: /\.[jt]sx?$/,
        exclude: /node_modules/,
        loader: 'swc-loader',
        options: {
          jsc: {
            target: 'es2022',
            parser: { syntax: 'typescript', tsx: true },
            transform: { react: { runtime: 'automatic' } },
          },
        },
      },
    ],
  },
  optimization: { minimizer: [new TerserPlugin({ extractComments: false, terserOptions: { format: { comments: false } } })] },
  output: {
    path: path.join(root, 'dist'),
    // The backend is built beside it.
    clean: { keep: /(^gpx_|go_plugin_build_manifest)/ },
    filename: '[name].js',
    library: { type: 'amd' },
    publicPath: `public/plugins/${pkg.name}/`,
    uniqueName: pkg.name,
  },
  plugins: [
    new CopyPlugin({
      patterns: [
        { from: 'plugin.json', transform: filled },
        { from: '../README.md', transform: filled },
        { from: '../CHANGELOG.md' },
        { from: '../../LICENSE', to: 'LICENSE', toType: 'file' },
        { from: 'img', to: 'img' },
      ],
    }),
  ],
  resolve: { extensions: ['.ts', '.tsx', '.js'] },
  performance: { hints: false },
});
