// A sound when somebody new waits for a person. Off until a member of staff turns it on, on each device.
"use strict";
{
  const WANTED = "interlude-sound";
  // What has been sounded, so that of several open tabs one sounds.
  const SOUNDED = "interlude-sounded";
  const button = document.getElementById("sound-toggle");
  const state = document.getElementById("sound-state");
  const box = document.getElementById("sound");
  let wantedHere = false;
  let audio;

  const kept = (name, value) => {
    try {
      if (value !== undefined) localStorage.setItem(name, value);
      return localStorage.getItem(name);
    } catch (blocked) {
      return null;
    }
  };
  const isWanted = () => (kept(WANTED) ?? (wantedHere ? "on" : "off")) === "on";

  // Browsers let a page sound only after somebody has pressed something on it.
  const isReady = async () => {
    audio ??= new AudioContext();
    if (audio.state === "suspended") {
      await Promise.race([audio.resume(), new Promise((done) => setTimeout(done, 300))]);
    }
    return audio.state === "running";
  };

  const tone = (hertz, from) => {
    const [source, volume, at] = [audio.createOscillator(), audio.createGain(), audio.currentTime + from];
    source.frequency.value = hertz;
    volume.gain.setValueAtTime(0.0001, at);
    volume.gain.exponentialRampToValueAtTime(0.3, at + 0.03);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.4);
    source.connect(volume).connect(audio.destination);
    source.start(at);
    source.stop(at + 0.45);
  };
  const sound = () => [[660, 0], [880, 0.25], [660, 0.7], [880, 0.95]].forEach(([hertz, from]) => tone(hertz, from));

  const show = async () => {
    if (!box) return;
    const isOn = isWanted();
    button.textContent = isOn ? "Turn the sound off" : "Turn the sound on";
    if (!isOn) state.textContent = "Sound is off. Somebody new appears here without a sound.";
    else if (await isReady()) state.textContent = "Sound is on. You hear it when somebody new waits, while this page is open.";
    else state.textContent = "Sound is on, but this browser waits until you click or press a key on this page.";
  };

  document.addEventListener("console:arrived", async ({ detail: at }) => {
    if (!isWanted() || !(await isReady())) return;
    if ((kept(SOUNDED) ?? "") >= at) return;
    kept(SOUNDED, at);
    sound();
  });

  if (window.AudioContext) {
    if (box) {
      box.hidden = false;
      button.addEventListener("click", async () => {
        wantedHere = !isWanted();
        kept(WANTED, wantedHere ? "on" : "off");
        if (wantedHere && (await isReady())) sound();
        show();
      });
      show();
    }
    for (const press of ["pointerdown", "keydown"]) {
      addEventListener(press, () => isWanted() && audio?.state !== "running" && show(), { passive: true });
    }
  } else if (box) {
    box.hidden = false;
    button.hidden = true;
    state.textContent = "This browser cannot make a sound when somebody new waits.";
  }
}
