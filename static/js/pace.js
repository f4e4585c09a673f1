/** Work that is asked for often, done at once and then at most every so often, always for the last time. */

export function paced(work, gap_ms, later = setTimeout) {
  let resting = false;
  let wanted = false;

  function run() {
    wanted = false;
    resting = true;
    work();
    later(() => {
      resting = false;
      if (wanted) run();
    }, gap_ms);
  }

  return () => {
    wanted = true;
    if (!resting) run();
  };
}
