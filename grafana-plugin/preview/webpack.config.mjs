// Bundles the preview with everything that Grafana would bring.
import path from 'node:path';
import CopyPlugin from 'copy-webpack-plugin';
import webpack from 'webpack';

const root = import.meta.dirname;

export default {
  mode: 'production',
  context: path.join(root, 'src'),
  entry: { preview: './index.tsx' },
  devtool: false,
  module: {
    rules: [
      {
        test: /\.[jt]sx?$/,
        exclude: /node_modules/,
        loader: 'swc-loader',
        options: { jsc: { target: 'es2022', parser: { syntax: 'typescript', tsx: true }, transform: { react: { runtime: 'automatic' } } } },
      },
      { test: /\.m?js$/, resolve: { fullySpecified: false } },
      { test: /\.(css|scss)$/, type: 'asset/source' },
    ],
  },
  optimization: { minimize: false },
  output: { path: path.join(root, '..', '..', '.cache', 'preview'), filename: '[name].js', publicPath: '/preview/' },
  plugins: [
    // Grafana has these in its own style sheet.
    new CopyPlugin({ patterns: ['react-data-grid/lib/styles.css', 'uplot/dist/uPlot.min.css'].map((file) => ({ from: path.join(root, '..', 'node_modules', file) })) }),
    new webpack.optimize.LimitChunkCountPlugin({ maxChunks: 1 }), new webpack.DefinePlugin({ 'process.env.NODE_ENV': '"production"' }),
  ],
  resolve: { extensions: ['.ts', '.tsx', '.mjs', '.js'], fallback: { stream: false, fs: false, path: false, util: false, assert: false, process: false, buffer: false } },
  performance: { hints: false },
};
