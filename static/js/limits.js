/**
 * What may be uploaded: told before, and checked before a byte is sent.
 *
 * The length is told but not checked here: what a file says of its own length is often wrong, and
 * the server finds out the truth from the first bytes it decodes.
 */

import { formatBytes, formatDuration } from "./words.js";

function extensionOf(name) {
  const dot = name.lastIndexOf(".");
  return dot > 0 ? name.slice(dot + 1).toLowerCase() : "";
}

/** The value for `<input accept>`. */
export function acceptOf(config) {
  return ["audio/*", ...config.formats.map((format) => `.${format}`)].join(",");
}

export function limitsText(config) {
  return `${config.formats.join(", ")}. At most ${formatBytes(config.max_bytes)} and ${formatDuration(config.max_duration_s)}.`;
}

/** Why this file cannot be sent, as `{code, message, hint}`; null where it can. */
export function refusal(file, config) {
  if (file.size === 0) {
    return { code: "empty_file", message: "The file is empty.", hint: "Choose a file that contains sound." };
  }
  if (file.size > config.max_bytes) {
    return {
      code: "too_large",
      message: "The file is too large.",
      hint: `It has ${formatBytes(file.size)}; this server takes ${formatBytes(config.max_bytes)}.`,
    };
  }
  const extension = extensionOf(file.name);
  const known = config.formats.includes(extension) || /^audio\//.test(file.type);
  // Without a name or a type to go by, the server looks at the bytes.
  if (known || (!extension && !file.type)) return null;
  return {
    code: "not_audio",
    message: "This file is not audio.",
    hint: `Choose one of ${config.formats.join(", ")}.`,
  };
}
