/** The server's HTTP interface. Every failure is a `Problem` with the server's own words. */

import { BROWSER_PROBLEMS } from "./messages.js";

export class Problem extends Error {
  constructor({ code, message, hint }) {
    super(message);
    this.code = code;
    this.hint = hint;
  }

  /** The plain `{code, message, hint}` for the state. */
  static plain({ code, message, hint = "" }) {
    return { code: code ?? "internal", message, hint };
  }
}

/** The problem in an answer's body; the server's status where it said nothing that can be read. */
export function problemOf(status, body) {
  const error = body?.error;
  if (error?.message) return new Problem(error);
  return new Problem({
    code: "internal",
    message: `The server answered with status ${status}.`,
    hint: "Try again in a minute.",
  });
}

async function call(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Problem(BROWSER_PROBLEMS.offline);
  }
  const body = response.status === 204 ? null : await response.json().catch(() => null);
  if (!response.ok) throw problemOf(response.status, body);
  return body;
}

const songPath = (id) => `/api/songs/${encodeURIComponent(id)}`;

export const getConfig = () => call("/api/config");
export const getLabels = async () => (await call("/api/labels")).labels;
export const getSong = (id) => call(songPath(id));
export const deleteSong = (id) => call(songPath(id), { method: "DELETE" });

export function createSong(name, size_bytes) {
  return call("/api/songs", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ name, size_bytes }),
  });
}

/** The bytes at `url` as a file of that name: the example goes the same way as any other song. */
export async function fetchFile({ url, name }) {
  const response = await fetch(url).catch(() => {
    throw new Problem(BROWSER_PROBLEMS.offline);
  });
  if (!response.ok) throw problemOf(response.status, null);
  const blob = await response.blob();
  return new File([blob], name, { type: blob.type });
}

/** Where a song's result can be downloaded; `threshold` null leaves each label its own. */
export function exportUrl(id, format, threshold) {
  const query = new URLSearchParams({ format });
  if (threshold !== null) query.set("threshold", String(threshold));
  return `${songPath(id)}/export?${query}`;
}
