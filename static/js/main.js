/** The page, put together: store, player, clock, socket, session, views. */

import { io } from "../vendor/socket.io.esm.min.js";
import * as api from "./api.js";
import { createClock } from "./clock.js";
import { byId } from "./dom.js";
import { createKeyboard } from "./keyboard.js";
import { createLive } from "./live.js";
import { BROWSER_PROBLEMS } from "./messages.js";
import { createPlayer } from "./player.js";
import { createSession } from "./session.js";
import { INITIAL } from "./state.js";
import { createStore } from "./store.js";
import { upload } from "./upload.js";
import { createInstruments } from "./views/instruments.js";
import { createLanes } from "./views/lanes.js";
import { createNow } from "./views/now.js";
import { createResult } from "./views/result.js";
import { createStart } from "./views/start.js";
import { createStatus } from "./views/status.js";
import { createThreshold } from "./views/threshold.js";
import { createTransport } from "./views/transport.js";

const store = createStore(INITIAL);
const showProblem = (problem) => store.update({ problem: api.Problem.plain(problem) });

const audio = byId("audio");
const player = createPlayer(audio, {
  onPlayable(playable) {
    store.update({ playable });
    if (playable) session.fitView();
  },
  onPlaying: (playing) => store.update({ playing }),
  onUnplayable: () => showProblem(BROWSER_PROBLEMS.unplayable),
});
createClock(audio, player.time_s, (time_s) => store.update({ time_s }));

// WebSocket first: polling is the way out where something between blocks it.
const socket = io({ autoConnect: false, transports: ["websocket", "polling"], tryAllTransports: true });
const live = createLive(socket, {
  onSong: (song) => session.onSong(song),
  onSegment: (segment) => session.onSegments([withPicture(segment)]),
  onProblem: showProblem,
  onConnection: (connected) => store.update({ connected }),
});
const session = createSession({ store, api, upload, live, player, history });

function withPicture({ spectrogram, ...segment }) {
  return { ...segment, picture: new Blob([spectrogram], { type: "image/jpeg" }) };
}

function seek(time_s) {
  player.seek(time_s);
  store.update({ time_s: player.time_s() });
}

/** What the page must know before it can take a file. */
async function loadBasics() {
  const [config, labels] = await Promise.all([api.getConfig(), api.getLabels()]);
  store.update({ config, labels });
}

async function openFile(file) {
  await basics.catch(() => {});
  await session.openFile(file);
}

async function openExample() {
  try {
    await openFile(await api.fetchFile(store.get().config.example));
  } catch (problem) {
    showProblem(problem);
  }
}

/** The address says which song is open. */
function followAddress() {
  const id = location.pathname.match(/^\/songs\/([^/]+)$/)?.[1];
  if (id) session.openSong(decodeURIComponent(id));
  else session.leave();
}

const basics = loadBasics();
createStart(store, { onFile: openFile, onExample: openExample });
createStatus(store, { onCancel: session.remove, onDismiss: () => store.update({ problem: null }) });
createLanes(store, seek, createInstruments(store));
createNow(store);
createTransport(store, player, seek);
createThreshold(store);
createResult(store, { onDelete: session.remove });
createKeyboard(store, player, seek);
store.render([(s) => s.screen], ({ screen }) => {
  document.body.dataset.screen = screen;
});
byId("home").addEventListener("click", (event) => {
  event.preventDefault();
  session.goHome();
});
addEventListener("popstate", followAddress);

basics.then(followAddress, showProblem);
