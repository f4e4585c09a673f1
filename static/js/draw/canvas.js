/** A canvas as sharp as its screen, redrawn once a frame and only where something changed. */

/** Give the canvas one pixel for every device pixel. Returns its size in device pixels. */
export function fitCanvas(canvas, ratio) {
  const width_px = Math.max(1, Math.round(canvas.clientWidth * ratio));
  const height_px = Math.max(1, Math.round(canvas.clientHeight * ratio));
  if (canvas.width !== width_px || canvas.height !== height_px) {
    canvas.width = width_px;
    canvas.height = height_px;
  }
  return { width_px, height_px, ratio };
}

/**
 * @param paint `(context, size, indices)`: draw these segments; `indices` null means all, on a
 *   canvas that was just cleared
 */
export function createLayer(canvas, paint, frame = requestAnimationFrame) {
  const context = canvas.getContext("2d");
  let pending = new Set();
  let all = true; // the first time
  let scheduled = false;
  let size = null;

  function flush() {
    scheduled = false;
    const indices = all ? null : [...pending];
    // Asking for the size lays the page out anew: once for a full redraw, which every change of size brings.
    if (all) size = fitCanvas(canvas, globalThis.devicePixelRatio || 1);
    pending = new Set();
    all = false;
    if (indices === null) context.clearRect(0, 0, size.width_px, size.height_px);
    paint(context, size, indices);
  }

  function schedule() {
    if (scheduled) return;
    scheduled = true;
    frame(flush);
  }

  return {
    redraw() {
      all = true;
      schedule();
    },
    touch(indices) {
      for (const index of indices) pending.add(index);
      schedule();
    },
  };
}
