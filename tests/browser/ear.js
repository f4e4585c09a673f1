// Runs on the audio's own thread: tells when each click sounds, however busy the page is.
const LOUD = 0.35;
const CLICK_S = 0.2; // two clicks are never closer

class Ear extends AudioWorkletProcessor {
  #quiet_from_s = 0;

  process([[samples]]) {
    const at = samples ? samples.findIndex((sample) => Math.abs(sample) > LOUD) : -1;
    if (at >= 0 && currentTime >= this.#quiet_from_s) {
      this.#quiet_from_s = currentTime + CLICK_S;
      this.port.postMessage(currentTime + at / sampleRate);
    }
    return true;
  }
}

registerProcessor("ear", Ear);
