// Keeps the open page true: asks again every few seconds (htmx does the asking), and says so when that fails.
"use strict";
{
  const live = document.getElementById("live");
  const lost = document.getElementById("lost");
  const loggedOut = document.getElementById("logged-out");
  // A page that has not been confirmed for this long may be missing somebody.
  const TOO_OLD_MS = 12000;
  const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/London" });
  const error = document.title.startsWith("Error: ") ? "Error: " : "";
  let goodAt = Date.now();
  // The server's clock, because it is what the page's own times come from.
  let goodAtServer = new Date(live?.dataset.at ?? Date.now());

  const title = () => {
    const said = live.querySelector("[data-title]")?.dataset.title;
    if (!said) return;
    const trouble = !loggedOut.hidden ? "Logged out - " : !lost.hidden ? "Connection lost - " : "";
    document.title = trouble + error + said;
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
    live.addEventListener("htmx:afterSettle", title);

    const askNow = () => document.visibilityState === "visible" && htmx.trigger(live, "refresh");
    document.addEventListener("visibilitychange", askNow);
    addEventListener("online", askNow);
    addEventListener("offline", bad);
    // A request may hang, and a phone may sleep: then nothing fails, and nothing arrives either.
    setInterval(() => {
      if (document.visibilityState === "visible" && Date.now() - goodAt > TOO_OLD_MS) bad();
    }, 1000);
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
