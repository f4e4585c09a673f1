/** The microphone, as pieces of samples. */

import { Problem } from "./api.js";
import { browserProblem } from "./i18n.js";
import { levelOf } from "./level.js";

const WORKLET = new URL("./recorder_worklet.js", import.meta.url);
// What makes speech on the telephone clear takes instruments for noise.
const AS_IT_IS = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
const LAST_PIECE_MS = 1_000; // an audio thread that is stopped says nothing more

/** Why the browser gives no microphone; `error` is what it threw. */
export function microphoneProblem(error) {
  return browserProblem(["NotAllowedError", "SecurityError"].includes(error.name) ? "microphone_denied" : "no_microphone");
}

/**
 * Ask for the microphone and switch it on. Rejects with a `Problem`.
 *
 * @param onPiece hears every `Float32Array` of mono samples
 * @param onLost hears that the microphone was taken away, as when it is unplugged
 * @returns `{sample_rate_hz, level, stop}`: `level()` from 0 to 1; `stop()` resolves after the last piece
 */
export async function openRecorder({ onPiece, onLost }) {
  // Browsers offer microphones to pages of their own machine and to those that come by https.
  if (!navigator.mediaDevices) throw new Problem(browserProblem("insecure"));
  let stream = null;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: AS_IT_IS });
    stream.getAudioTracks()[0].addEventListener("ended", onLost);
    return await record(stream, onPiece);
  } catch (error) {
    close(stream);
    throw new Problem(microphoneProblem(error));
  }
}

function close(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

async function record(stream, onPiece) {
  const context = new AudioContext();
  await context.resume();
  await context.audioWorklet.addModule(WORKLET);
  const gatherer = new AudioWorkletNode(context, "gatherer", {
    numberOfOutputs: 0,
    channelCount: 1,
    channelCountMode: "explicit", // two channels become their mean
  });
  const meter = new AnalyserNode(context);
  const heard = new Float32Array(meter.fftSize);
  const source = context.createMediaStreamSource(stream);
  source.connect(gatherer);
  source.connect(meter);
  const ended = new Promise((resolve) => {
    gatherer.port.onmessage = ({ data }) => (data ? onPiece(data) : resolve());
  });

  function level() {
    meter.getFloatTimeDomainData(heard);
    return levelOf(heard);
  }

  async function stop() {
    gatherer.port.postMessage("end");
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, LAST_PIECE_MS))]);
    close(stream);
    await context.close();
  }

  return { sample_rate_hz: context.sampleRate, level, stop };
}
