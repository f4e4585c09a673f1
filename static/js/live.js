/**
 * One song followed over Socket.IO.
 *
 * The server keeps no memory of a connection that broke: on every connect the page subscribes anew
 * with the last index it holds, so nothing is lost or doubled.
 */

import { Problem } from "./api.js";
import { browserProblem, localProblem } from "./i18n.js";

const PATIENCE_MS = 10_000;

/**
 * @param socket a Socket.IO client made with `autoConnect: false`
 * @param handlers `{onSong, onSegment, onProblem, onConnection}`
 */
export function createLive(socket, handlers, later = setTimeout) {
  let followed = null; // {song_id, last}

  const isFollowed = (id) => followed !== null && followed.song_id === id;
  const subscribe = () => {
    if (followed) socket.emit("subscribe", { song_id: followed.song_id, after: followed.last });
  };
  const stopMicrophone = () => socket.emit("live_stop");

  socket.on("connect", () => {
    handlers.onConnection(true);
    subscribe();
  });
  for (const lost of ["disconnect", "connect_error"]) socket.on(lost, onLost);
  socket.on("song", (song) => {
    if (isFollowed(song.id)) handlers.onSong(song);
  });
  socket.on("segment", ({ song_id, ...segment }) => {
    if (!isFollowed(song_id)) return;
    handlers.onSegment(segment);
    followed.last = Math.max(followed.last, segment.index);
    socket.emit("ack", { song_id, index: segment.index });
  });
  socket.on("problem", ({ song_id, error }) => {
    if (song_id != null && !isFollowed(song_id)) return;
    // It was deleted while this page was not connected.
    if (song_id != null && error.code === "not_found") handlers.onSong({ id: song_id, state: "cancelled" });
    else handlers.onProblem(error);
  });

  /** The client goes on trying by itself, but for a server that has sent it away. */
  function onLost() {
    handlers.onConnection(false);
    if (!socket.active) later(() => followed && socket.connect(), PATIENCE_MS);
  }

  function unfollow() {
    if (followed && socket.connected) socket.emit("unsubscribe", { song_id: followed.song_id });
    followed = null;
  }

  /** Hear of every segment of this song from the first on, and of every change of its state. */
  function follow(song_id) {
    if (isFollowed(song_id)) return;
    unfollow();
    begin(song_id);
  }

  /** Hear of all its segments again. Not by leaving the song: that would end a microphone. */
  function refollow(song_id) {
    if (isFollowed(song_id)) begin(song_id);
  }

  function begin(song_id) {
    followed = { song_id, last: -1 };
    if (socket.connected) subscribe();
    else socket.connect();
  }

  /** The server may begin after all, later than anybody waits; events come to it in their order. */
  function giveUp() {
    stopMicrophone();
    return { error: browserProblem("offline") };
  }

  /** Begin a song that comes by the microphone; resolves to its id, rejects with a `Problem`. */
  async function startMicrophone(options) {
    if (!socket.connected) socket.connect();
    const answer = await socket.timeout(PATIENCE_MS).emitWithAck("live_start", options).catch(giveUp);
    if (answer.error) throw new Problem(localProblem(answer.error));
    return answer.song_id;
  }

  return {
    follow,
    refollow,
    unfollow,
    startMicrophone,
    say: (samples) => socket.emit("live_audio", samples.buffer),
    stopMicrophone,
  };
}
