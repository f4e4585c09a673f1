/** Making and finding elements. Text goes in as text, never as markup. */

export const byId = (id) => document.getElementById(id);

/** An element with these properties (`class`, `data-*` and `aria-*` as attributes) and children. */
export function element(tag, attributes = {}, children = []) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Set the text only where it is another, so that nothing is laid out or spoken in vain. */
export function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

/** Set or, for null, remove an attribute, only where it is another. Returns whether it was. */
export function setAttribute(target, name, value) {
  const text = value === null ? null : String(value);
  if (target.getAttribute(name) === text) return false;
  if (text === null) target.removeAttribute(name);
  else target.setAttribute(name, text);
  return true;
}
