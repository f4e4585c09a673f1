/** The song in numbers: when each instrument is heard, for how long, and how surely. */

/**
 * The stretches in which a label is heard, by start and then in the labels' order:
 * `{label, start_s, end_s, confidence}`; `confidence` is the mean of what the model said there.
 */
export function intervalsOf(segments, labels) {
  const found = labels.flatMap((label, column) => intervalsOfLabel(segments, label, column));
  return found.sort((a, b) => a.start_s - b.start_s);
}

function intervalsOfLabel(segments, label, column) {
  const found = [];
  let run = [];
  for (let i = 0; i <= segments.length; i += 1) {
    const segment = segments[i];
    if (segment?.heard[column]) run.push(segment);
    else if (run.length) found.push(intervalOf(run.splice(0), label, column));
  }
  return found;
}

function intervalOf(run, label, column) {
  const confidence = run.reduce((sum, { raw }) => sum + raw[column], 0) / run.length;
  return { label, start_s: run[0].start_s, end_s: run.at(-1).end_s, confidence };
}

/**
 * For every label: `{label, heard_s, share, first_s, entries}`; `share` of what is tagged, `first_s`
 * null where it is never heard.
 */
export function summaryOf(segments, labels) {
  const tagged_s = segments.reduce((sum, { start_s, end_s }) => sum + end_s - start_s, 0);
  const intervals = Map.groupBy(intervalsOf(segments, labels), ({ label }) => label);
  return labels.map((label) => {
    const own = intervals.get(label) ?? [];
    const heard_s = own.reduce((sum, { start_s, end_s }) => sum + end_s - start_s, 0);
    const share = tagged_s ? heard_s / tagged_s : 0;
    return { label, heard_s, share, first_s: own[0]?.start_s ?? null, entries: own.length };
  });
}
