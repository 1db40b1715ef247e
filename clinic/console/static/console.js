// Keeps the open page true: listens for changes, looks by itself as well, and says so when neither works.
"use strict";
{
  const live = document.getElementById("live");
  const lost = document.getElementById("lost");
  const loggedOut = document.getElementById("logged-out");
  const waiting = document.getElementById("nav-new");
  // A page that has not been confirmed for this long may be missing somebody.
  const TOO_OLD_MS = 12000;
  // The stream says something every 5 seconds. Without it (a proxy that holds it back, say) the page looks more often.
  const SILENT_MS = 12000;
  const LOOK_EVERY_MS = { listening: 10000, alone: 3000 };
  const LISTEN_AGAIN_MS = 5000;
  const ARRIVED = "interlude-arrived";
  const clock = new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit", minute: "2-digit", timeZone: document.documentElement.dataset.timeZone,
  });
  const error = document.title.startsWith("Error: ") ? "Error: " : "";
  let goodAt = Date.now();
  // The server's clock, because it is what the page's own times come from.
  let goodAtServer = new Date(live?.dataset.at ?? Date.now());
  let lookedAt = Date.now();
  let heardAt = 0;
  let arrivedUnseen = false;

  const title = () => {
    const said = live.querySelector("[data-title]")?.dataset.title;
    if (!said) return;
    const trouble = !loggedOut.hidden ? "Logged out - " : !lost.hidden ? "Connection lost - " : "";
    document.title = trouble + (arrivedUnseen ? "New: " : "") + error + said;
  };

  const isGood = (xhr) => xhr.status === 204 || (xhr.status === 200 && xhr.responseText.includes('id="live-version"'));

  const good = (xhr) => {
    goodAt = Date.now();
    goodAtServer = new Date(xhr.getResponseHeader("Date") ?? goodAt);
    lost.hidden = loggedOut.hidden = true;
    title();
  };

  const bad = () => {
    if (!lost.hidden || !loggedOut.hidden) return;
    document.getElementById("lost-since").textContent = clock.format(goodAtServer);
    lost.hidden = false;
    title();
  };

  const look = () => {
    lookedAt = Date.now();
    htmx.trigger(live, "refresh");
  };

  // The latest time at which somebody new came to wait. Kept over the pages of this tab: nobody is missed between two.
  const arrived = (at) => {
    let known = null;
    try {
      known = sessionStorage.getItem(ARRIVED);
      if (known === null || at > known) sessionStorage.setItem(ARRIVED, at);
    } catch (blocked) {
      known = live.dataset.arrived ?? null;
      live.dataset.arrived = at;
    }
    if (known === null || at <= known) return;
    arrivedUnseen = document.hidden;
    title();
    document.dispatchEvent(new CustomEvent("console:arrived", { detail: at }));
  };

  const heard = (event) => {
    heardAt = Date.now();
    const { new: count, arrived: at } = JSON.parse(event.data);
    if (waiting) waiting.textContent = count ? ` (${count})` : "";
    arrived(at);
    // The stream lives, and would have said what is new.
    if (lost.hidden) goodAt = Date.now();
    else look();
  };

  const listen = () => {
    const stream = new EventSource(live.dataset.events);
    stream.addEventListener("alive", heard);
    stream.addEventListener("changed", (event) => {
      heard(event);
      look();
    });
    stream.addEventListener("ended", () => {
      stream.close();
      look();
    });
    stream.addEventListener("error", () => {
      heardAt = 0;
      look();
      // The browser comes back by itself, unless what answered was no stream.
      if (stream.readyState === EventSource.CLOSED) setTimeout(listen, LISTEN_AGAIN_MS);
    });
  };

  if (live?.hasAttribute("hx-get")) {
    // What a reader has opened stays open when the page is brought up to date.
    Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) => !(name === "open" && node.tagName === "DETAILS");

    live.addEventListener("htmx:beforeOnLoad", (event) => {
      if (event.detail.xhr.status !== 401) return;
      // The log-in page takes this page's place, unless something that is being written would be lost.
      if (![...document.querySelectorAll("textarea")].some((field) => field.value.trim())) return;
      event.preventDefault();
      lost.hidden = true;
      loggedOut.hidden = false;
      title();
    });
    // An answer from anything else on the way (a proxy's page) must not replace the list.
    live.addEventListener("htmx:beforeSwap", (event) => {
      if (!isGood(event.detail.xhr)) event.detail.shouldSwap = false;
    });
    live.addEventListener("htmx:afterRequest", (event) => (isGood(event.detail.xhr) ? good(event.detail.xhr) : bad()));
    live.addEventListener("htmx:afterSettle", () => {
      const list = live.querySelector("[data-arrived]");
      if (list) arrived(list.dataset.arrived);
      title();
    });

    const lookNow = () => document.visibilityState === "visible" && look();
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) arrivedUnseen = false;
      lookNow();
    });
    addEventListener("online", lookNow);
    addEventListener("offline", bad);
    setInterval(() => {
      const isHeard = Date.now() - heardAt < SILENT_MS;
      if (Date.now() - lookedAt >= LOOK_EVERY_MS[isHeard ? "listening" : "alone"]) look();
      // A request may hang, and a phone may sleep: then nothing fails, and nothing arrives either.
      if (document.visibilityState === "visible" && Date.now() - goodAt > TOO_OLD_MS) bad();
    }, 1000);
    if (live.dataset.events) listen();
  }

  // A part that is fetched by itself: what could not be fetched must not look as if it were true.
  for (const part of document.querySelectorAll("[data-fetched]")) {
    const failed = part.parentElement.querySelector(".parts__failed");
    const show = (isGood) => {
      part.hidden = !isGood;
      failed.hidden = isGood;
    };
    part.addEventListener("htmx:afterRequest", (event) => show(event.detail.xhr.status === 200));
    part.addEventListener("htmx:timeout", () => show(false));
  }

  document.querySelector(".nhsuk-error-summary")?.focus();

  // A second press of a button sends nothing twice.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    setTimeout(() => delete form.dataset.sent, 3000);
  });
}
