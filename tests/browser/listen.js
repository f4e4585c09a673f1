// Runs in the page under test: listens to what the audio element really plays and writes down, at
// every click, what the page shows at that moment. The ear is the source of ear.js.
async (ear_source) => {
  const audio = document.querySelector("#audio");
  const now = document.querySelector("#now");
  const context = new AudioContext();
  const ear_url = URL.createObjectURL(new Blob([ear_source], { type: "text/javascript" }));
  await context.audioWorklet.addModule(ear_url);
  const source = context.createMediaElementSource(audio);
  const ear = new AudioWorkletNode(context, "ear", { channelCount: 1, channelCountMode: "explicit" });
  const heard = [];
  let drawn_ms = performance.now(); // the last frame
  const frame = () => {
    drawn_ms = performance.now();
    requestAnimationFrame(frame);
  };
  frame();
  ear.port.onmessage = ({ data: click_s }) => {
    if (audio.seeking || audio.readyState < audio.HAVE_CURRENT_DATA) return; // between two files, or two places
    const late_s = context.currentTime - click_s; // by as much the song went on before the page was told
    heard.push({
      audio_s: audio.currentTime - late_s * audio.playbackRate,
      shown_s: Number(now.dataset.timeS),
      segment: Number(now.dataset.segment),
      age_s: ((performance.now() - drawn_ms) / 1000) * audio.playbackRate, // of what is shown, in song time
    });
  };
  source.connect(ear).connect(context.destination);
  window.heard = heard;
  return context.resume();
}
