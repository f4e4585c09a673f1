/** In the audio thread: the microphone's samples, gathered into pieces that are worth a message. */

const PIECE_SAMPLES = 12_000; // 0.25 s at 48 kHz, and below 64 KB at any rate

class Gatherer extends AudioWorkletProcessor {
  constructor() {
    super();
    this.piece = new Float32Array(PIECE_SAMPLES);
    this.filled = 0;
    this.ended = false;
    this.port.onmessage = () => this.end();
  }

  process([[samples]]) {
    for (const sample of samples ?? []) {
      this.piece[this.filled] = sample;
      this.filled += 1;
      if (this.filled === PIECE_SAMPLES) this.post();
    }
    return !this.ended;
  }

  post() {
    if (this.filled) this.port.postMessage(this.piece.slice(0, this.filled));
    this.filled = 0;
  }

  /** The rest, and then null: no more will come. */
  end() {
    this.post();
    this.port.postMessage(null);
    this.ended = true;
  }
}

registerProcessor("gatherer", Gatherer);
