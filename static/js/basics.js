/** What the page must know before it can take a file, asked for until it is there. */

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15_000;

/**
 * @param load asks once; `onTrouble(problem)` hears of the first failure, `onHealed` when it is over
 * @returns {{tried: Promise<void>, ready: Promise<void>}} `tried` after the first attempt, `ready` when all is there
 */
export function createBasics({ load, onTrouble, onHealed, wait = waitForNetwork }) {
  const first = load().then(() => null, (problem) => problem);

  async function insist() {
    const problem = await first;
    if (!problem) return;
    onTrouble(problem);
    let failed = true;
    for (let wait_ms = FIRST_WAIT_MS; failed; wait_ms = Math.min(2 * wait_ms, LONGEST_WAIT_MS)) {
      await wait(wait_ms);
      failed = await load().then(() => false, () => true);
    }
    onHealed();
  }

  return { tried: first.then(() => {}), ready: insist() };
}

/** Some time, or until the browser says that there is a network again. */
function waitForNetwork(wait_ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, wait_ms);
    addEventListener("online", resolve, { once: true });
  });
}
