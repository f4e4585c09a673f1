/** Speed and volume. */

import { byId, element, setAttribute } from "../dom.js";
import { t } from "../i18n.js";
import { RATES } from "../practice.js";
import { percent } from "../words.js";

export function createControls(store, actions) {
  const speed = byId("speed");
  const volume = byId("volume");
  const mute = byId("mute");

  speed.append(...RATES.map((rate) => element("option", { value: rate }, [t("player.rate", { rate })])));
  speed.addEventListener("change", () => store.update({ rate: Number(speed.value) }));
  mute.addEventListener("click", actions.mute);
  volume.addEventListener("input", () => store.update({ volume: Number(volume.value), muted: false }));

  store.render([(s) => s.rate], ({ rate }) => {
    speed.value = String(rate);
  });
  store.render([(s) => s.volume, (s) => s.muted], ({ volume: loudness, muted }) => {
    volume.value = String(loudness);
    setAttribute(volume, "aria-valuetext", percent(loudness));
    setAttribute(mute, "aria-pressed", muted);
  });
}
