(function () {
  "use strict";
  const number = document.getElementById("number");
  const texts = document.getElementById("texts");
  const thread = document.getElementById("thread");
  const state = document.getElementById("state");
  const write = document.getElementById("write");
  const text = document.getElementById("text");
  let last = 0;
  let looking = false;

  function address() {
    return "/emulator/phones/" + encodeURIComponent(number.value);
  }

  function show(one) {
    const item = document.createElement("li");
    item.className = "text text--" + one.direction;
    const words = document.createElement("p");
    words.textContent = one.text;
    const about = document.createElement("small");
    const at = new Date(one.at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
    const parts = one.segments === 1 ? "1 part" : one.segments + " parts";
    about.textContent = (one.direction === "in" ? "Received " : "Sent ") + at + ", " + parts;
    item.append(words, about);
    texts.append(item);
    last = one.id;
  }

  async function look() {
    if (looking) {
      return;
    }
    looking = true;
    const whose = number.value;
    try {
      const answer = await fetch(address() + "?after=" + last);
      const phone = await answer.json();
      if (whose === number.value) {
        phone.texts.forEach(show);
        document.getElementById("empty").hidden = texts.children.length > 0;
        state.textContent = phone.is_blocked ? "Stopped: the network delivers nothing to this phone until START." : "";
        if (phone.texts.length) {
          thread.scrollTop = thread.scrollHeight;
        }
      }
    } catch (error) {
      state.textContent = "There is no connection to the clinic service.";
    } finally {
      looking = false;
    }
  }

  number.addEventListener("change", function () {
    texts.replaceChildren();
    last = 0;
    look();
  });

  text.addEventListener("keydown", function (event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      write.requestSubmit();
    }
  });

  write.addEventListener("submit", async function (event) {
    event.preventDefault();
    const words = text.value;
    if (!words.trim()) {
      return;
    }
    text.value = "";
    try {
      const answer = await fetch(address(), {
        method: "POST",
        // Without the console's cookie: it is no form of the console's.
        credentials: "omit",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ text: words }),
      });
      if (!answer.ok) {
        throw new Error(String(answer.status));
      }
    } catch (error) {
      text.value = words;
      state.textContent = "It could not be sent.";
    }
    look();
  });

  setInterval(look, 700);
  look();
}());
