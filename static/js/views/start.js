/** The first screen: choose or drop a file, or take the example. */

import { byId, setAttribute, setText } from "../dom.js";
import { t } from "../i18n.js";
import { acceptOf, limitsText } from "../limits.js";
import { formatDuration } from "../words.js";

export function createStart(store, { onFile, onExample }) {
  const input = byId("file");
  const take = () => {
    const [file] = input.files;
    if (file) onFile(file, 0);
    input.value = ""; // the same file may be chosen again
  };
  input.addEventListener("change", take);
  take(); // one that was chosen before this script was here
  byId("example").addEventListener("click", onExample);
  acceptDrops(onFile);

  store.render([(s) => s.config], ({ config }) => config && describe(config));
  store.render([(s) => s.modelLabels], ({ modelLabels: { length } }) => {
    if (length) setText(byId("knows"), t("start.knows", { count: length }));
  });
}

function describe(config) {
  setAttribute(byId("file"), "accept", acceptOf(config));
  setText(byId("limits"), limitsText(config));
  setText(byId("stays"), t("start.stays", { duration: formatDuration(config.expiry_s) }));
  byId("example").hidden = !config.example;
}

/** A file may be dropped anywhere on the page, also while another song is open. */
function acceptDrops(onFile) {
  const carriesFile = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const mark = (over) => document.body.classList.toggle("dragging", over);

  addEventListener("dragover", (event) => {
    if (!carriesFile(event)) return;
    event.preventDefault();
    mark(true);
  });
  addEventListener("dragleave", (event) => event.relatedTarget === null && mark(false));
  addEventListener("drop", (event) => {
    mark(false);
    const [file, ...others] = event.dataTransfer?.files ?? [];
    if (!file) return;
    event.preventDefault();
    onFile(file, others.length);
  });
}
