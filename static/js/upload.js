/** One file on its way to the server: with progress, and a way to stop. */

import { Problem, problemOf } from "./api.js";
import { browserProblem } from "./i18n.js";

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * Send the raw bytes to `url`. XMLHttpRequest, because fetch tells nothing of what is sent so far.
 *
 * @returns {{done: Promise<void>, cancel: () => void}} `done` rejects with a `Problem`, and resolves
 *   when cancelled.
 */
export function upload(url, file, onProgress, Request = XMLHttpRequest) {
  const request = new Request();
  const done = new Promise((resolve, reject) => {
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded));
    request.addEventListener("load", () => {
      if (request.status < 300) resolve();
      else reject(problemOf(request.status, parse(request.responseText)));
    });
    request.addEventListener("error", () => reject(new Problem(browserProblem("offline"))));
    request.addEventListener("abort", () => resolve());
  });
  request.open("PUT", url);
  request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
  request.send(file);
  return { done, cancel: () => request.abort() };
}
