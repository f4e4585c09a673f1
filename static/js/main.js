/** The page, put together: store, player, clock, socket, session, views. */

import { io } from "../vendor/socket.io.esm.min.js";
import { createActions } from "./actions.js";
import { createAnnouncer } from "./announcer.js";
import * as api from "./api.js";
import { createBasics } from "./basics.js";
import { createClock } from "./clock.js";
import { createDisplay } from "./display.js";
import { byId, setText } from "./dom.js";
import { browserProblem, localProblem, nameFamilies, nameLabels } from "./i18n.js";
import { createKeyboard } from "./keyboard.js";
import { createLive } from "./live.js";
import { createMicrophone } from "./microphone.js";
import { createNavigation } from "./navigation.js";
import { createPlayer } from "./player.js";
import { createPractice } from "./practice.js";
import { openRecorder } from "./recorder.js";
import { createSession } from "./session.js";
import { createSongbook } from "./songbook.js";
import { INITIAL, atTime } from "./state.js";
import { createStore } from "./store.js";
import { upload } from "./upload.js";
import { createAbout } from "./views/about.js";
import { createCorrections } from "./views/corrections.js";
import { createDialogs } from "./views/dialog.js";
import { createEntries } from "./views/entries.js";
import { createHelp } from "./views/help.js";
import { createKeptSongs } from "./views/kept.js";
import { createMicrophoneBar } from "./views/microphone.js";
import { createNow } from "./views/now.js";
import { createPicture } from "./views/picture.js";
import { createResult } from "./views/result.js";
import { createSingle } from "./views/single.js";
import { createStart } from "./views/start.js";
import { createStatus } from "./views/status.js";
import { createSummary } from "./views/summary.js";
import { createThreshold } from "./views/threshold.js";

const ANNOUNCEMENT_GAP_MS = 2000;

const store = createStore(INITIAL);
const showProblem = (problem) => store.update({ problem: api.Problem.plain(problem) });
const forgetProblem = () => store.update({ problem: null });

const audio = byId("audio");
const display = createDisplay(store);
const songbook = createSongbook(store);
const announce = createAnnouncer((text) => setText(byId("spoken"), text), ANNOUNCEMENT_GAP_MS);
const player = createPlayer(audio, {
  onPlayable(playable) {
    store.update({ playable });
    if (playable) session.fitView();
  },
  onPlaying: (playing) => store.update({ playing }),
  onUnplayable: () => showProblem(browserProblem("unplayable")),
});
const practice = createPractice(store, audio);
createClock(audio, player.time_s, (time_s) => store.update(atTime(store.get(), practice.looped(time_s))));

// WebSocket first: polling is the way out where something between blocks it.
const socket = io({ autoConnect: false, transports: ["websocket", "polling"], tryAllTransports: true });
const live = createLive(socket, {
  onSong: (song) => session.onSong(song),
  onSegment: (segment) => session.onSegments([withPicture(segment)]),
  onProblem: (error) => showProblem(localProblem(error)),
  onConnection: (connected) => store.update({ connected }),
});
const session = createSession({ store, display, songbook, api, upload, live, player, history });

function withPicture({ spectrogram, ...segment }) {
  return { ...segment, picture: new Blob([spectrogram], { type: "image/jpeg" }) };
}

function seek(time_s) {
  player.seek(time_s);
  store.update(atTime(store.get(), player.time_s(), true));
}

function playFromStart() {
  seek(0);
  if (!store.get().playing) player.toggle();
}

const microphone = createMicrophone({ store, session, live, openRecorder, onProblem: showProblem });
const actions = createActions({ store, player, seek, navigation: createNavigation(store) });

/** What the page must know before it can take a file. */
async function loadBasics() {
  const [config, labels] = await Promise.all([api.getConfig(), api.getLabels()]);
  const modelLabels = nameLabels(labels);
  store.update({ config: { ...config, families: nameFamilies(config.families) }, modelLabels, labels: modelLabels });
}

let hasChosen = false;

async function openFile(file, others = 0) {
  hasChosen = true;
  await basics.tried;
  await session.openFile(file, others);
}

/** Who opens another song meanwhile wants that one. */
function openExample() {
  const ticket = session.ticket();
  const unlessLate = (use) => (value) => ticket === session.ticket() && use(value);
  return api.fetchFile(store.get().config.example).then(unlessLate(openFile), unlessLate(showProblem));
}

/** The address says which song is open. */
function followAddress() {
  const id = location.pathname.match(/^\/songs\/([^/]+)$/)?.[1];
  if (id) session.openSong(decodeURIComponent(id));
  else session.leave();
}

const basics = createBasics({ load: loadBasics, onTrouble: showProblem, onHealed: forgetProblem });
createStart(store, { onFile: openFile, onExample: openExample });
createStatus(store, { onCancel: session.remove, onDismiss: forgetProblem, onRetry: session.retry, announce });
const readRows = createPicture(store, actions);
createNow(store, announce);
createThreshold(store, display);
createSummary(store, display, seek);
createEntries(store, seek);
createResult(store, { onDelete: session.remove, announce });
createKeptSongs(store, songbook, { onDelete: session.erase });
createHelp();
createMicrophoneBar(store, microphone);
createSingle(store, api, { again: playFromStart, onProblem: showProblem });
createCorrections(store, api, { readRows, onProblem: showProblem, announce });
const dialogs = createDialogs({ about: createAbout(store, showProblem) });
createKeyboard(store, { ...actions, help: () => dialogs.open("help") });
store.render([(s) => s.screen], ({ screen }) => {
  document.body.dataset.screen = screen;
});
byId("home").addEventListener("click", (event) => {
  event.preventDefault();
  session.goHome();
});
addEventListener("popstate", followAddress);

// A page that is left while it sends takes the rest of the song with it.
addEventListener("beforeunload", (event) => store.get().upload && event.preventDefault());

byId("not-started").remove();

// Who has chosen a file meanwhile wants that one.
basics.ready.then(() => hasChosen || followAddress());
