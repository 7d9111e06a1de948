// Writing to the page: only what differs from what is there, so that nothing flickers and nothing is laid out anew. All
// values become text, never markup.

export function make(tag, attributes, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) e.setAttribute(name, value);
  e.append(...children);
  return e;
}

export function setText(e, text) {
  if (e.textContent !== text) e.textContent = text;
}

export function setAttribute(e, name, value) {
  if (e.getAttribute(name) !== value) e.setAttribute(name, value);
}

export function setHidden(e, hidden) {
  if (e.hidden !== hidden) e.hidden = hidden;
}

export function setStyle(e, name, value) {
  if (e.style.getPropertyValue(name) !== value) e.style.setProperty(name, value);
}
