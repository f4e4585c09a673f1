/**
 * The one place where the page's state lives.
 *
 * State is a plain object that is replaced, never changed in place. A watcher names the part it
 * cares about and hears of it only when that part is another value than before.
 */

export function createStore(initial) {
  let state = initial;
  const listeners = new Set();

  function update(patch) {
    const previous = state;
    state = { ...state, ...patch };
    for (const listener of listeners) listener(state, previous);
  }

  /** Call `react(value, previousValue)` when `select(state)` changes. Returns the way to stop. */
  function watch(select, react) {
    const listener = (now, before) => {
      const value = select(now);
      const previousValue = select(before);
      if (!Object.is(value, previousValue)) react(value, previousValue);
    };
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Like `watch` for several parts at once; called once at the start too. */
  function render(selects, react) {
    const listener = (now, before) => {
      if (selects.some((select) => !Object.is(select(now), select(before)))) react(now);
    };
    listeners.add(listener);
    react(state);
    return () => listeners.delete(listener);
  }

  return { get: () => state, update, watch, render };
}
