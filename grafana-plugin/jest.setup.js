import '@testing-library/jest-dom';
import { TextDecoder, TextEncoder } from 'node:util';

// What Grafana's components ask of a browser and jsdom does not have.
Object.assign(globalThis, { TextDecoder, TextEncoder });
Object.defineProperty(globalThis, 'matchMedia', {
  writable: true,
  value: (query) => ({ matches: false, media: query, onchange: null, addEventListener() {}, removeEventListener() {}, addListener() {}, removeListener() {}, dispatchEvent() {} }),
});
globalThis.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
HTMLCanvasElement.prototype.getContext = () => null;
