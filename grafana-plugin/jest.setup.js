import '@testing-library/jest-dom';
import { TextDecoder, TextEncoder } from 'node:util';

// What Grafana's components ask of a browser and jsdom does not have.
Object.assign(globalThis, { TextDecoder, TextEncoder });
Object.defineProperty(globalThis, 'matchMedia', {
  writable: true,
  value: (query) => ({ matches: false, media: query, onchange: null, addEventListener() {}, removeEventListener() {}, addListener() {}, removeListener() {}, dispatchEvent() {} }),
});
class Observer {
  observe() {}
  unobserve() {}
  disconnect() {}
}
globalThis.ResizeObserver ??= Observer;
globalThis.IntersectionObserver ??= Observer;
HTMLCanvasElement.prototype.getContext = () => ({ measureText: (text) => ({ width: 8 * text.length }) });
// jsdom lays nothing out; lists that show what fits need some room to show anything.
Element.prototype.getBoundingClientRect = () => ({ x: 0, y: 0, top: 0, left: 0, bottom: 1000, right: 1000, width: 1000, height: 1000, toJSON() {} });
for (const member of ['offsetHeight', 'offsetWidth']) {
  Object.defineProperty(HTMLElement.prototype, member, { configurable: true, value: 1000 });
}
Element.prototype.scrollTo ??= () => {};
Element.prototype.scrollIntoView ??= () => {};
