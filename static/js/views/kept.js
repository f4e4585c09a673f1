/** The songs of this browser, on the first screen. */

import { byId, element } from "../dom.js";
import { t } from "../i18n.js";
import { songUrl } from "../session.js";
import { formatMoment } from "../words.js";

export function createKeptSongs(store, songbook, { onDelete }) {
  byId("kept-on").addEventListener("change", ({ target }) => songbook.switchTo(target.checked));
  byId("kept-songs").addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button && confirm(t("share.really"))) onDelete(button.dataset.id);
  });
  store.render([(s) => s.songbook], ({ songbook: { on, songs } }) => {
    byId("kept").hidden = on && !songs.length;
    byId("kept-on").checked = on;
    byId("kept-songs").replaceChildren(...songs.map(makeSong));
  });
}

function makeSong({ id, name, expires_at }) {
  const until = expires_at === null ? "" : t("kept.until", { when: formatMoment(expires_at) });
  const remove = { type: "button", class: "quiet", "data-id": id, "aria-label": t("kept.delete_song", { name }) };
  return element("li", {}, [
    element("a", { href: songUrl(id), dir: "auto" }, [name]),
    element("span", { class: "small" }, [until]),
    element("button", remove, [t("kept.delete")]),
  ]);
}
