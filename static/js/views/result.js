/** What can be done with a finished song: take it along, share it, delete it. */

import { exportUrl } from "../api.js";
import { byId, setAttribute, setText } from "../dom.js";
import { t } from "../i18n.js";
import { keepingText } from "../messages.js";

export function createResult(store, { onDelete, announce }) {
  byId("delete").addEventListener("click", () => confirm(t("share.really")) && onDelete());
  byId("copy").addEventListener("click", () => copyLink(announce));
  byId("copy").hidden = !navigator.clipboard;

  store.render([(s) => s.song, (s) => s.threshold, (s) => s.labels], ({ song, threshold, labels }) => {
    setText(byId("keeping"), keepingText(song?.expires_at ?? null));
    setAttribute(byId("permalink"), "href", song ? `/songs/${encodeURIComponent(song.id)}` : null);
    byId("delete").disabled = !song;
    for (const link of document.querySelectorAll("#exports a")) linkExport(link, song, (format) => exportUrl(song.id, format, threshold, labels));
  });
}

/** An export is a whole song's: until it is done the link leads nowhere and says so. */
function linkExport(link, song, urlOf) {
  const ready = song?.state === "done";
  setAttribute(link, "href", ready ? urlOf(link.dataset.format) : null);
  setAttribute(link, "aria-disabled", ready ? null : "true");
}

async function copyLink(announce) {
  const done = await navigator.clipboard.writeText(location.href).then(() => true, () => false);
  const text = t(done ? "share.copied" : "share.copy_by_hand");
  setText(byId("copied"), text);
  announce("state", text);
}
