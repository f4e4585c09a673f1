/** The server's HTTP interface. Every failure is a `Problem` with the server's own words. */

import { browserProblem, localProblem, t } from "./i18n.js";

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
  if (error?.message) return new Problem(localProblem(error));
  return new Problem({ ...browserProblem("internal"), message: t("problem.status", { status }) });
}

async function call(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Problem(browserProblem("offline"));
  }
  const body = response.status === 204 ? null : await response.json().catch(() => null);
  if (!response.ok) throw problemOf(response.status, body);
  return body;
}

function post(path, body) {
  const headers = { "Content-Type": "application/json" };
  return call(path, { method: "POST", headers, body: JSON.stringify(body) });
}

const songPath = (id) => `/api/songs/${encodeURIComponent(id)}`;

export const getConfig = () => call("/api/config");
/** The model's labels, or those that a song was tagged by. */
export async function getLabels(song_id = null) {
  const query = song_id === null ? "" : `?${new URLSearchParams({ song: song_id })}`;
  return (await call(`/api/labels${query}`)).labels;
}
export const getModel = () => call("/api/model");
export const getSong = (id) => call(songPath(id));
export const deleteSong = (id) => call(songPath(id), { method: "DELETE" });

export const createSong = (name, size_bytes) => post("/api/songs", { name, size_bytes });

export const getSingle = (id) => call(`${songPath(id)}/single`);

const correctionsPath = (id) => `${songPath(id)}/corrections`;
export const correctionsUrl = (id) => `${correctionsPath(id)}/export`;
export const getCorrections = async (id) => (await call(correctionsPath(id))).corrections;
export const addCorrection = (id, correction) => post(correctionsPath(id), correction);
export const deleteCorrection = (id, correction) =>
  call(`${correctionsPath(id)}/${correction}`, { method: "DELETE" });

/** The bytes at `url` as a file of that name: the example goes the same way as any other song. */
export async function fetchFile({ url, name }) {
  const response = await fetch(url).catch(() => {
    throw new Problem(browserProblem("offline"));
  });
  if (!response.ok) throw problemOf(response.status, null);
  const blob = await response.blob();
  return new File([blob], name, { type: blob.type });
}

/** Where a song's result can be downloaded, with the thresholds `{all, own}` that were chosen (see threshold.js). */
export function exportUrl(id, format, { all, own }, labels) {
  const query = new URLSearchParams({ format });
  if (all !== null) query.set("threshold", all);
  // Thresholds are kept from song to song, and another model's song may not have the label.
  const known = labels.filter((label) => label.id in own);
  if (known.length) query.set("thresholds", known.map((label) => `${label.id}:${own[label.id]}`).join());
  return `${songPath(id)}/export?${query}`;
}
