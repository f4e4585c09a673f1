/**
 * What may be uploaded: told before, and checked before a byte is sent.
 *
 * The length is told but not checked here: what a file says of its own length is often wrong, and
 * the server finds out the truth from the first bytes it decodes.
 */

import { browserProblem, t } from "./i18n.js";
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
  const size = formatBytes(config.max_bytes);
  return t("limits.text", { formats: config.formats.join(", "), size, duration: formatDuration(config.max_duration_s) });
}

/** Why this file cannot be sent, as `{code, message, hint}`; null where it can. */
export function refusal(file, config) {
  if (file.size === 0) return browserProblem("empty_file");
  if (file.size > config.max_bytes) {
    const hint = t("limits.too_large", { size: formatBytes(file.size), limit: formatBytes(config.max_bytes) });
    return { ...browserProblem("too_large"), hint };
  }
  const extension = extensionOf(file.name);
  const known = config.formats.includes(extension) || /^audio\//.test(file.type);
  // Without a name or a type to go by, the server looks at the bytes.
  if (known || (!extension && !file.type)) return null;
  return { ...browserProblem("not_audio"), hint: t("limits.formats", { formats: config.formats.join(", ") }) };
}
