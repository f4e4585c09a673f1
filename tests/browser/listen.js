// Runs in the page under test: listens to what the audio element really plays and writes down, at
// every click, what the page shows at that moment.
(() => {
  const audio = document.querySelector("#audio");
  const now = document.querySelector("#now");
  const context = new AudioContext();
  const source = context.createMediaElementSource(audio);
  const BLOCK = 256; // samples: 5 to 6 ms
  const ear = context.createScriptProcessor(BLOCK, 1, 1);
  const LOUD = 0.35;
  const CLICK_S = 0.2; // two clicks are never closer
  const heard = [];
  let quiet_from_s = 0;
  let drawn_ms = performance.now(); // the last frame
  const frame = () => {
    drawn_ms = performance.now();
    requestAnimationFrame(frame);
  };
  frame();
  ear.onaudioprocess = (event) => {
    const samples = event.inputBuffer.getChannelData(0);
    const at = samples.findIndex((sample) => Math.abs(sample) > LOUD);
    if (at < 0 || context.currentTime < quiet_from_s) return;
    quiet_from_s = context.currentTime + CLICK_S;
    heard.push({
      audio_s: audio.currentTime,
      shown_s: Number(now.dataset.timeS),
      segment: Number(now.dataset.segment),
      age_s: ((performance.now() - drawn_ms) / 1000) * audio.playbackRate, // of what is shown, in song time
    });
  };
  source.connect(ear);
  ear.connect(context.destination);
  window.heard = heard;
  return context.resume();
})();
