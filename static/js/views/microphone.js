/** The microphone: the button on the first screen, and the bar in the player's place while it is on. */

import { byId, setText } from "../dom.js";
import { t } from "../i18n.js";
import { knownEnd_s } from "../state.js";
import { formatClock } from "../time.js";

/** What the page is to the microphone: "on", "kept", "passing", or "" where there is none. */
export function liveMode(live) {
  if (!live) return "";
  if (live.on) return "on";
  return live.keep ? "kept" : "passing";
}

export function createMicrophoneBar(store, microphone, frame = requestAnimationFrame) {
  const meter = byId("microphone-level");
  const start = () => microphone.start(byId("microphone-keep").checked);

  byId("microphone").addEventListener("click", start);
  byId("microphone-stop").addEventListener("click", microphone.stop);
  byId("microphone-again").addEventListener("click", start);

  function showLevel() {
    meter.style.setProperty("--level", microphone.level().toFixed(3));
    if (store.get().live?.on) frame(showLevel);
  }

  function show({ live }) {
    const mode = liveMode(live);
    document.body.dataset.live = mode;
    byId("microphone-stop").hidden = mode !== "on";
    byId("microphone-again").hidden = mode === "on";
    meter.hidden = mode !== "on";
    if (mode === "on") {
      setText(byId("microphone-says"), t(live.keep ? "live.keeping" : "live.passing"));
      showLevel();
    } else if (mode) setText(byId("microphone-says"), t("live.over"));
  }

  store.render([(s) => s.live], show);
  store.render([(s) => s.segments, (s) => s.live], ({ segments, live }) => {
    if (live) setText(byId("microphone-elapsed"), formatClock(knownEnd_s(segments)));
  });
}
