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

/** Set or, for null, remove an attribute, only where it is another. */
export function setAttribute(target, name, value) {
  if (value === null) target.removeAttribute(name);
  else if (target.getAttribute(name) !== String(value)) target.setAttribute(name, value);
}
