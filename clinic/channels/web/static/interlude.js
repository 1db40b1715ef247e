/* <interlude-chat>: the patient's chat, embedded with one tag and nothing else to load:
     <script src="https://clinic.example/widget/interlude.js" defer></script>
   A page without <interlude-chat> gets a button that opens one. Attributes: api (another server), invite (a code),
   fill (it is the whole page), heading-level (2). Crisis numbers travel inside this file: they need no network. */
(function () {
  "use strict";
  if (customElements.get("interlude-chat")) return;

  const CONFIG = Object.assign({ contacts: [], texts: {}, clinic_name: "" }, /*INTERLUDE_CONFIG*/null);
  const ORIGIN = new URL(document.currentScript.src).origin;
  const LIMIT = 4000;
  const COUNT_FROM = 3500;
  const CALL_SECONDS = 20; // the clinic answers within ten, if only to say that it could not
  const SILENT_SECONDS = 60; // the event stream sends a heartbeat more often than this

  // --- words: the clinic's own (CONFIG.texts) go first ---------------------------------------------------------
  const WORDS = Object.assign({
    name: "Interlude",
    need_help_now_label: "I need help now", // also what "Tell the clinic now" sends: the door knows it by this text
    need_help_now_title: "Help now",
    need_help_now_text: "You can call or text any of these now. You do not have to be sure that it is an emergency.",
    need_help_now_more: "Other ways to get help:",
    need_help_now_close: "Back to the chat",
    no_contacts: "If you are in danger, call your local emergency number now.",
    tell: "Tell the clinic now",
    tell_hint: "This sends the words \"I need help now\" in this chat. What happened is then shown here.",
    tell_sending: "Sending. You can call or text one of the numbers while you wait.",
    tell_sent: "Your message was sent at {time}. This is the answer:",
    tell_no_answer: "Your message was sent at {time}. No answer has come yet. Please do not wait for one: call or text "
      + "one of the numbers.",
    tell_failed: "Your message has NOT reached the clinic. Please call or text one of the numbers now. We keep "
      + "trying to send it.",
    close: "Close",
    options: "Options",
    about: "Interlude is a computer program. It answers questions about your therapy. It is not an emergency service.",
    keep: "Keep this chat on this device",
    keep_hint: "Only for a device that nobody else uses. If you do not choose this, you cannot open the chat again "
      + "after you close this tab.",
    keep_failed: "This browser does not let us keep the chat.",
    leave: "Leave and clear",
    leave_hint: "Takes this chat off this device at once, with anything you have not sent. The clinic keeps its own "
      + "copy of what you sent.",
    left_title: "You have left the chat",
    left: "It is cleared from this device. The clinic keeps its own copy of what you sent.",
    start_again: "Start a new chat",
    messages: "Messages",
    chat: "Chat",
    you: "You",
    you_said: "You said",
    assistant_said: "Assistant said",
    staff: "{name} from the clinic",
    staff_said: "{name} from the clinic said",
    staff_unnamed: "Someone",
    crisis: "Please read this now",
    source: "From the leaflet: {source}",
    suggestions: "Suggested answers",
    suggestions_follow: "Suggested answers: {n}. They are below.",
    new_below: "New message below",
    label: "Your message",
    hint: "Enter sends. Shift and Enter makes a new line.",
    send: "Send",
    sending: "Sending",
    sent: "Sent",
    not_sent: "Not sent.",
    try_again: "Try again",
    waiting: "Interlude is looking this up",
    waiting_long: "Interlude is still trying. You do not need to send it again.",
    waiting_person: "Sending your message",
    left_over: "Characters left: {n}. You can also send it in two parts.",
    too_long: "Characters too many: {n}. Take some words out, or send it in two parts.",
    no_connection: "No connection",
    connection_lost: "No connection to the clinic. What you write is kept and sent later. You can still call or text:",
    connecting: "Trying to connect.",
    connection_back: "You are connected again.",
    retry: "Try to connect now",
    expired: "Your earlier chat can no longer be opened, so we have started a new one. What you had not sent is kept.",
    failed: "Something went wrong. What you wrote is kept.",
    launcher: "Chat about your therapy",
    launcher_unread: "Chat: new message",
  }, CONFIG.texts);

  /** The words for `key`, with {placeholders} filled in. */
  const phrase = (key, values) => WORDS[key].replace(/\{(\w+)\}/g, (all, name) => (name in values ? values[name] : all));

  // --- building the page: text goes in as text nodes, never as markup ------------------------------------------
  function el(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (typeof value === "function") node.addEventListener(name.slice(2), value);
      else if (value !== false && value != null) node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.filter((child) => child != null && child !== false));
    return node;
  }

  const button = (label, onclick, attributes) => el("button", { type: "button", onclick, ...attributes }, label);

  function mark() {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    for (const [name, value] of [["viewBox", "0 0 32 32"], ["aria-hidden", "true"], ["class", "mark"]]) {
      svg.setAttribute(name, value);
    }
    const path = svg.appendChild(document.createElementNS(svg.namespaceURI, "path"));
    path.setAttribute("d", "M16 3C8.3 3 2 8 2 14.5c0 3.6 2 6.8 5 8.9V30l6.2-4.2c.9.1 1.8.2 2.8.2 "
      + "7.7 0 14-5 14-11.5S23.7 3 16 3zm-5 6h3.5v11H11zm6.5 0H21v11h-3.5z");
    return svg;
  }

  /** Where a phone's keyboard lies over the page (iOS), `target` takes what is left to be seen. */
  function fitKeyboard(target) {
    const view = window.visualViewport;
    if (view) view.addEventListener("resize", () => {
      const covered = view.scale < 1.05 && innerHeight - view.height > 100;
      target.style.height = covered ? `${view.height}px` : "";
      target.style.top = covered ? `${view.offsetTop}px` : "";
      if (covered) target.scrollIntoView();
    });
  }

  // --- crisis contacts: only their numbers ever become links ---------------------------------------------------
  const squash = (number) => number.replace(/\s/g, "");
  const isCallable = (contact) => /^(tel|sms):/.test(contact.href || "");
  const marked = CONFIG.contacts.filter((contact) => contact.main);
  const MAIN = marked.length ? marked : CONFIG.contacts;
  const OTHER = CONFIG.contacts.filter((contact) => !MAIN.includes(contact));

  // "111, option 2" is also known as 111. "BSL 111" is known too, so that its 111 does not become a call.
  const NUMBERS = new Map();
  for (const contact of CONFIG.contacts) {
    const bare = contact.number.match(/^[\d\s]+\d/);
    for (const number of [contact.number, ...(bare || [])]) {
      if (!NUMBERS.has(squash(number))) NUMBERS.set(squash(number), contact);
    }
  }
  const KNOWN = NUMBERS.size && new RegExp("(^|[^\\d\\s]\\s*)(" + [...NUMBERS.keys()]
    .sort((a, b) => b.length - a.length)
    .map((number) => [...number].map((sign) => sign.replace(/\W/, "\\$&")).join("\\s*"))
    .join("|") + ")(?!\\d)", "g");

  /** One line of text as nodes, known numbers as tel: or sms: links. */
  function linked(line) {
    const nodes = [];
    let from = 0;
    for (const match of KNOWN ? line.matchAll(KNOWN) : []) {
      const contact = NUMBERS.get(squash(match[2]));
      if (!isCallable(contact)) continue;
      nodes.push(line.slice(from, match.index + match[1].length), el("a", { href: contact.href }, match[2]));
      from = match.index + match[0].length;
    }
    return [...nodes, line.slice(from)];
  }

  /** Text as paragraphs with its line breaks; numbers become links unless it is the person's own text. */
  const paragraphs = (text, own) => String(text || "").trim().split(/\n\s*\n/).map((paragraph) => el("p", null,
    ...paragraph.split("\n").flatMap((line, n) => [...(n ? [el("br")] : []), ...(own ? [line] : linked(line))])));

  /** Contacts as a list, each a line to tap. */
  function contactList(contacts) {
    if (!contacts.length) return el("p", null, WORDS.no_contacts);
    return el("ul", { class: "contacts", role: "list" }, ...contacts.map((contact) => {
      const { name, number, line, href } = contact;
      const [before, ...after] = (line || "").split(number);
      const words = after.length ? [before, el("b", null, number), after.join(number)]
        : [name, " ", el("b", null, number), " ", line];
      const item = isCallable(contact) ? el("a", { href }) : el("p");
      item.append(el("span", null, ...words));
      return el("li", null, item);
    }));
  }

  // --- what is kept on the device: id, token, what was not sent; never what was said ---------------------------
  const LEFT = "left"; // tells other tabs that the chat was cleared

  class Store {
    constructor(key) {
      this.key = key;
      const kept = this.use("localStorage", "getItem");
      this.keep = Boolean(kept);
      try {
        this.data = Object.assign(this.empty(), JSON.parse(kept || this.use("sessionStorage", "getItem") || "null"));
      } catch (damaged) {
        this.data = this.empty();
      }
    }

    empty() {
      return { id: null, token: null, unsent: [], draft: "" };
    }

    /** Storage can be blocked or full: the chat then lasts as long as its page. False if it could not be used. */
    use(area, method, ...values) {
      try {
        return window[area][method](this.key, ...values);
      } catch (blocked) {
        return false;
      }
    }

    save() {
      return this.use(this.keep ? "localStorage" : "sessionStorage", "setItem", JSON.stringify(this.data)) !== false;
    }

    /** Moves everything to the other place; false if that place cannot be used. */
    move(keep) {
      this.keep = keep;
      if (!this.save()) {
        this.keep = !keep;
        return false;
      }
      this.use(keep ? "sessionStorage" : "localStorage", "removeItem");
      return true;
    }

    clear() {
      this.data = this.empty();
      if (this.keep) this.use("localStorage", "setItem", LEFT);
      this.keep = false;
      for (const area of ["localStorage", "sessionStorage"]) this.use(area, "removeItem");
    }
  }

  // --- the conversation: sending in order, receiving once, connecting again; knows nothing of the page ---------
  const newer = (a, b) => !b || a.length > b.length || (a.length === b.length && a > b); // decimal strings
  const newId = () => (crypto.randomUUID ? crypto.randomUUID()
    : Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join(""));

  /** The message in a block of an event stream, as a list; none in a heartbeat. Raises SyntaxError for broken JSON. */
  function readEvent(block) {
    const data = block.split(/\r\n|\n|\r/).filter((line) => line.startsWith("data:")).map((line) => line.slice(5));
    return data.length ? [JSON.parse(data.join("\n"))] : [];
  }

  /* What the person writes is an entry: {client_message_id, text, at}, and here only: busy (on its way), failed (to be
     tried again), sent, answer (the messages that came back), id (the clinic's, once known). */
  class Conversation {
    /** `view` is told: show(messages, history), entry(entry, answerId), reject(entry), problem(text), solved(),
        restarted(), connected(is, failed). */
    constructor({ api, store, invite, view }) {
      Object.assign(this, { api, store, invite, view, calls: new Set(), attempt: 0, trouble: {}, stopListening() {} });
      for (const entry of this.data.unsent) Object.assign(entry, { busy: false, failed: false });
      this.forget();
    }

    get data() {
      return this.store.data;
    }

    forget() {
      this.seen = new Set();
      this.cursor = ""; // the newest id up to which nothing can be missing
      this.known = Boolean(this.data.id); // stored, or answered for by the clinic
      this.unmatched = [...this.data.unsent]; // written here, not yet seen with the id that the clinic gave it
      this.stopListening();
    }

    start() {
      this.listeners = [
        [window, "online", () => this.reconnect()],
        [window, "offline", () => this.report("offline", true)],
        [document, "visibilitychange", () => document.hidden || this.again(true)],
      ];
      for (const [target, type, react] of this.listeners) target.addEventListener(type, react);
      this.report("offline", navigator.onLine === false);
      this.again();
    }

    stop() {
      this.stopped = true;
      clearTimeout(this.timer);
      for (const [target, type, react] of this.listeners) target.removeEventListener(type, react);
      for (const call of this.calls) call.abort();
    }

    /** One call. Status 0: it did not get through, or what answered (a hotel's log-in page, say) is not the clinic. */
    async call(method, path, body) {
      const stop = new AbortController();
      const timer = setTimeout(() => stop.abort(), CALL_SECONDS * 1000);
      const headers = body ? { "Content-Type": "application/json" } : {};
      if (this.data.token) headers.Authorization = `Bearer ${this.data.token}`;
      const answer = { messages: [] };
      this.calls.add(stop);
      try {
        const response = await fetch(`${this.api}/api/conversations${path}`, {
          method, headers, body: body && JSON.stringify(body), signal: stop.signal, cache: "no-store",
          credentials: "omit",
        });
        if (response.ok && /event-stream/.test(response.headers.get("Content-Type"))) {
          Object.assign(answer, { stream: response.body.getReader(), stop });
        } else {
          const data = await response.json();
          if (response.ok && !Array.isArray(data.messages)) throw new TypeError("not the clinic's answer");
          Object.assign(answer, data);
        }
        answer.status = response.status;
        answer.wait = Number(response.headers.get("Retry-After")) || undefined;
      } catch (unreached) {
        answer.status = 0;
      }
      clearTimeout(timer);
      if (!answer.stream) this.calls.delete(stop);
      if (this.stopped) return answer;
      if (answer.status) this.report("offline", false);
      if (answer.status === 200) this.known = true;
      // The clinic no longer has this conversation. One that it has only just made is not given up like that.
      else if (this.known && [401, 404].includes(answer.status)) this.restart();
      return answer;
    }

    // Sending

    /** Takes what the person wrote: it is stored before anything else. `urgent` does not wait for its turn. */
    write(text, urgent) {
      const entry = { client_message_id: newId(), text, at: new Date().toISOString() };
      this.data.unsent[urgent ? "unshift" : "push"](entry);
      this.unmatched.push(entry);
      this.store.save();
      this.view.entry(entry);
      if (urgent) this.deliver(entry);
      else this.pump();
      return entry;
    }

    /** Sends what waits, in order, until something does not get through. */
    async pump() {
      if (this.pumping) return;
      this.pumping = true;
      for (let entry; (entry = this.data.unsent.find((waiting) => !waiting.busy));) {
        if (!(await this.deliver(entry))) break;
      }
      this.pumping = false;
    }

    /** Posts one entry; true if that is settled: sent, or refused for good and given back to the person. */
    async deliver(entry) {
      if (!this.data.id) {
        this.connect(); // which sends it, or says that it could not
        return false;
      }
      entry.busy = true;
      this.view.entry(entry);
      const { text, client_message_id } = entry;
      const answer = await this.call("POST", `/${this.data.id}/messages`, { text, client_message_id });
      if (this.stopped) return false;
      entry.busy = false;
      const { status } = answer;
      const refused = status === 413 || status === 422;
      if (status === 200) {
        const [first = {}] = answer.messages;
        Object.assign(entry, { sent: true, failed: false, answer: answer.messages, id: entry.id || first.id });
        this.drop(entry);
        this.report("sending", false);
        this.view.entry(entry, first.id);
        this.view.solved();
      } else if (refused) {
        this.drop(entry);
        this.unmatched = this.unmatched.filter((other) => other !== entry);
        this.view.reject(entry);
      }
      this.receive(answer.messages); // a crisis reply can also come with a refusal
      if (status === 200) return true;
      const gone = status === 401 || status === 404; // said by restarted()
      if (answer.error && !gone) this.view.problem(answer.error.message);
      this.report("sending", !answer.error && (!status || status >= 500));
      return refused || this.postpone(answer.wait);
    }

    drop(entry) {
      this.data.unsent = this.data.unsent.filter((other) => other !== entry);
      this.store.save();
    }

    /** Not now: what waits is tried again later. */
    postpone(seconds) {
      for (const waiting of this.data.unsent.filter((other) => !other.busy)) {
        waiting.failed = true;
        this.view.entry(waiting);
      }
      this.later(seconds);
      return false;
    }

    // Receiving

    /** Hands on what has not been seen, whichever way it came first. */
    receive(messages, history) {
      const fresh = [];
      for (const message of messages) {
        if (this.seen.has(message.id)) continue;
        this.seen.add(message.id);
        const own = this.unmatched.find((entry) => entry.client_message_id === message.client_message_id);
        if (own) {
          this.unmatched = this.unmatched.filter((entry) => entry !== own);
          own.id = message.id;
          this.view.entry(own);
        } else {
          fresh.push(message);
        }
      }
      if (fresh.length) this.view.show(fresh, history);
    }

    /** The same for what comes in order and without gaps: the history and the stream. */
    receiveAll(messages, history) {
      this.receive(messages, history);
      for (const { id } of messages) if (newer(id, this.cursor)) this.cursor = id;
    }

    // Staying connected

    /** The stored conversation, or a new one. */
    async begin() {
      if (this.data.id) return true;
      const body = { channel: "web", invite: this.invite };
      const { id, token, messages, error, status } = await this.call("POST", "", body);
      if (this.stopped) return false;
      if (!id || !token) {
        if (error) this.view.problem(error.message);
        if (status >= 400 && status < 500) this.invite = undefined; // a wrong code must not keep anybody out
        return false;
      }
      Object.assign(this.data, { id, token });
      this.store.save();
      this.receiveAll(messages);
      return true;
    }

    async catchUp() {
      const history = !this.cursor;
      for (;;) {
        const after = this.cursor && `?after=${this.cursor}`;
        const { status, messages } = await this.call("GET", `/${this.data.id}/messages${after}`);
        if (this.stopped || status !== 200) return;
        this.receiveAll(messages, history);
        if (messages.length < 100) return; // a long history comes in parts
      }
    }

    /** Reads the event stream until it ends; false if it could not be opened. */
    async listen() {
      const { stream, stop } = await this.call("GET", `/${this.data.id}/events`);
      if (!stream) return false;
      const opened = Date.now();
      this.stopListening = () => stop.abort();
      this.report("events", false);
      await this.catchUp(); // what was said before the stream was open
      const decoder = new TextDecoder();
      let buffer = "";
      let watch;
      try {
        for (;;) {
          watch = setTimeout(() => stop.abort(), SILENT_SECONDS * 1000);
          const { value, done } = await stream.read();
          clearTimeout(watch);
          if (done) break;
          const events = (buffer + decoder.decode(value, { stream: true })).split(/\r\n\r\n|\n\n|\r\r/);
          buffer = events.pop();
          this.receiveAll(events.flatMap(readEvent));
        }
      } catch (broken) {
        clearTimeout(watch); // connect() opens the next one, and fetches what this one did not bring
      }
      stop.abort();
      this.calls.delete(stop);
      if (Date.now() - opened > 10000) this.attempt = 0;
      return true;
    }

    async connect() {
      if (this.connecting || this.stopped) return;
      this.connecting = true;
      let opened = false;
      if (await this.begin()) {
        await this.catchUp();
        this.pump(); // even where the history or the stream cannot be read: what was written must arrive
        opened = Boolean(this.data.id) && (await this.listen());
      }
      this.connecting = false;
      if (this.stopped) return;
      if (this.restarting) {
        this.restarting = false;
        this.connect();
      } else if (opened) {
        this.later();
      } else {
        this.report("events", true);
        this.postpone();
      }
    }

    again(look) {
      if (!this.connecting) this.connect();
      else if (this.data.id) {
        this.pump();
        if (look) this.catchUp(); // the stream may have died while the phone slept
      }
    }

    /** By the person's wish, or because the device says that it is online. */
    reconnect() {
      this.attempt = 0;
      for (const entry of this.data.unsent) {
        entry.failed = false;
        this.view.entry(entry);
      }
      this.stopListening(); // another network: the stream may be dead without a word
      this.again();
    }

    later(seconds = Math.min(30, 2 ** this.attempt++)) {
      clearTimeout(this.timer);
      if (!this.stopped) this.timer = setTimeout(() => this.again(), seconds * (800 + Math.random() * 400));
    }

    /** What is wrong, by name; the person is told that there is no connection while anything is. */
    report(what, wrong) {
      if (this.stopped) return;
      this.trouble[what] = wrong;
      this.view.connected(!Object.values(this.trouble).includes(true), wrong);
    }

    /** The stored conversation is gone: begins another one, with what was not sent. */
    restart() {
      this.restarting = this.connecting;
      this.attempt = 0;
      Object.assign(this.data, { id: null, token: null });
      for (const entry of this.data.unsent) entry.client_message_id = newId(); // the earlier one may have used the old
      this.store.save();
      this.forget();
      this.view.restarted();
      this.connect();
    }
  }

  // --- the look: constructable style sheet, so that no page's Content-Security-Policy needs an exception ---------
  const STYLE = `
:host{all:initial;--bg:#f3f6f6;--card:#fff;--ink:#16262b;--soft:#43555b;--line:#6f8187;--faint:#c9d3d6;--accent:#0b5a66;
--on-accent:#fff;--mine:#d6eaed;--alert:#9b1c1c;--on-alert:#fff;--alert-bg:#fdf0ef;
display:block;height:40em;min-height:0;color-scheme:light dark;color:var(--ink);text-align:start;
font:400 max(16px,1rem)/1.5 system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif}
@media (prefers-color-scheme:dark){:host{--bg:#10191c;--card:#1b272b;--ink:#eaf1f2;--soft:#b6c5c9;--line:#84969c;--faint:#3b4b50;
--accent:#86d3de;--on-accent:#06252a;--mine:#15434b;--alert:#ffb4ab;--on-alert:#3a0503;--alert-bg:#3a1c1a}}
:host([hidden]){display:none}
*{box-sizing:border-box}
[hidden]{display:none!important}
h1,h2,h3,h4,p,ul,ol{margin:0;padding:0;font-size:1em}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
:focus-visible{outline:3px solid var(--ink);outline-offset:2px;box-shadow:0 0 0 2px var(--bg)}
button,textarea{font:inherit;color:inherit;letter-spacing:inherit;word-spacing:inherit}
button{min-height:44px;min-width:44px;padding:.4em .9em;border:1px solid var(--line);border-radius:.6em;background:var(--card);
color:var(--accent);font-weight:600;cursor:pointer;touch-action:manipulation}
@media (hover:hover){button:hover{text-decoration:underline}}
.go{background:var(--accent);border-color:transparent;color:var(--on-accent)}
.urgent{background:var(--alert);border-color:transparent;color:var(--on-alert)}
a{color:inherit;text-underline-offset:.15em}
.frame{display:flex;flex-direction:column;height:100%;background:var(--bg);position:relative;overflow:hidden;container-type:inline-size}
.top{display:flex;flex-wrap:wrap;align-items:center;justify-content:flex-end;gap:.4em;padding:.5em .75em;background:var(--card);border-bottom:1px solid var(--faint)}
.title{flex:1 1 auto;display:flex;align-items:center;gap:.5em}
.title p{color:var(--soft);font-size:.85em;line-height:1.2}
.title h1,.title h2,.title h3{font-size:1.1em;line-height:1.2}
.mark{width:1.9em;height:1.9em;flex:none;fill:var(--accent)}
.top button{padding:.3em .6em;line-height:1.2}
.panel,.banner{padding:.75em;background:var(--card);border-bottom:1px solid var(--line);overflow:auto;flex:0 1 auto;max-height:75%}
.panel>:first-child{display:flex;justify-content:space-between;align-items:center;gap:.5em}
.panel>*+*,.banner>*+*{margin-top:.6em}
.panel.help,.banner{border-left:6px solid var(--alert)}
.banner{max-height:55%}
:is(.panel,.left) :is(h1,h2,h3,h4){font-size:1.15em;line-height:1.3}
.check{display:flex;gap:.6em;align-items:center;min-height:44px;font-weight:600}
.check input{width:26px;height:26px;flex:none;accent-color:var(--accent)}
.contacts{list-style:none;display:grid;gap:0 1.2em;grid-template-columns:repeat(auto-fill,minmax(min(100%,20em),1fr))}
.contacts li{border-top:1px solid var(--faint)}
.contacts li>*{display:flex;align-items:center;min-height:46px;padding:.3em 0;line-height:1.35;text-decoration:none}
.contacts a b{text-decoration:underline}
.told:not(:empty){padding:.6em .75em;border:2px solid var(--alert);border-radius:.6em}
.told p+p{margin-top:.5em}
.middle{flex:1 1 6em;min-height:4.5em;overflow:auto;overscroll-behavior:contain;position:relative;padding:.75em}
.middle:focus-visible{outline-offset:-3px;box-shadow:none}
ol{list-style:none;display:flex;flex-direction:column;gap:.75em}
.said{max-width:min(92%,36em);padding:.6em .85em;border:1px solid var(--faint);border-radius:.9em .9em .9em .2em;background:var(--card);
overflow-wrap:anywhere;align-self:flex-start;scroll-margin-top:4em}
.patient{align-self:flex-end;background:var(--mine);border-color:transparent;border-radius:.9em .9em .2em .9em}
.staff{border:2px solid var(--accent)}
.crisis{background:var(--alert-bg);border:2px solid var(--alert);border-left-width:8px;max-width:min(100%,36em)}
.said p+p{margin-top:.6em}
.said .flag{margin-bottom:.4em;font-weight:700;color:var(--alert)}
p a{display:inline-block;padding:.1em 0;font-weight:700;white-space:nowrap}
.said .small{font-size:.85em;color:var(--soft);margin-top:.35em}
.said .state{font-weight:600}
.said button{margin-left:.5em}
.quick{display:flex;flex-wrap:wrap;gap:.5em;padding-top:.75em}
.quick button{text-align:left;overflow-wrap:anywhere}
.typing{padding:.5em 0 0;color:var(--soft)}
.typing:not(:empty)::before{content:"";display:inline-block;width:.55em;height:.55em;margin-right:.5em;border-radius:50%;background:var(--accent);
animation:breathe 1.6s ease-in-out infinite}
@keyframes breathe{50%{opacity:.2}}
@media (prefers-reduced-motion:reduce){.typing:not(:empty)::before{animation:none}}
.below{align-self:center;margin:-3.2em 0 .4em;position:relative;flex:none}
form{padding:.5em .75em;background:var(--card);border-top:1px solid var(--faint);flex:none}
label[for=write]{font-weight:600}
.row{display:flex;gap:.5em;align-items:flex-end;margin:.2em 0}
textarea{flex:1;min-width:0;min-height:44px;padding:.5em .7em;border:2px solid var(--line);border-radius:.6em;
background:var(--bg);color:var(--ink);resize:none;line-height:1.4;overflow:auto}
textarea:focus-visible{outline-offset:-1px;box-shadow:none}
form .small,.hint{font-size:.85em;color:var(--soft)}
.error:not(:empty){margin-bottom:.4em;padding:.4em .6em;max-height:12em;overflow:auto;
border-left:4px solid var(--alert);background:var(--alert-bg);font-weight:600}
.over{color:var(--alert)!important;font-weight:700}
.hint{display:none}
@media (hover:hover) and (pointer:fine){.hint{display:block}}
.left{padding:1.5em .75em;overflow:auto}
.left>*+*{margin-top:.75em}
@container (max-width:34em){.title p{display:none}
.panel{flex:1 1 auto;max-height:none}.panel:not([hidden])~*{display:none}}
@container (max-width:30em){.closable .words{position:absolute;clip-path:inset(50%)}}
@container (max-width:26em){.words{position:absolute;clip-path:inset(50%)}.closable .mark{display:none}}
@container (max-width:20.5em){.mark{display:none}}
@media (max-height:20em){:host{height:auto!important;min-height:100%}.frame{height:auto;min-height:100%;overflow:visible}
.top{position:sticky;top:0;z-index:1}.middle,.panel,.banner{flex:none;overflow:visible;max-height:none}.middle{min-height:6em}}
@media (forced-colors:active){.said,.go,.urgent{border:2px solid}.crisis{border-left-width:10px}.mark{fill:CanvasText}
.typing:not(:empty)::before{background:CanvasText}}
`;

  function sheet(text) {
    const made = new CSSStyleSheet();
    made.replaceSync(text);
    return made;
  }
  const STYLES = sheet(STYLE);

  // --- the messages: a log, suggested answers under the last one, and a sign that an answer is being waited for -----
  const fingers = () => matchMedia("(pointer: coarse)").matches;

  function clock(at) {
    const when = new Date(at);
    const day = when.toDateString() === new Date().toDateString() ? {} : { day: "numeric", month: "short" };
    return when.toLocaleString("en-GB", { ...day, hour: "2-digit", minute: "2-digit" });
  }

  class Messages {
    /** `chat` is asked to write(text), retry() and rest(). The page shows `root`, and `below` under it. */
    constructor(chat) {
      this.chat = chat;
      this.list = el("ol", { role: "list" });
      // The log is a wrapper: as a role of the list it would hide that this is a list.
      this.log = el("div", { role: "log", "aria-label": WORDS.messages, "aria-relevant": "additions" }, this.list);
      this.quick = el("div", { class: "quick", role: "group", "aria-label": WORDS.suggestions, hidden: true });
      this.typing = el("p", { class: "typing", role: "status" });
      this.root = el("section", { class: "middle", tabindex: 0, "aria-label": WORDS.chat }, this.log, this.quick, this.typing);
      this.root.addEventListener("scroll", () => this.scrolled());
      this.below = button(WORDS.new_below, () => this.toEnd(), { class: "below", hidden: true });
      this.items = new Map(); // what the person wrote here: entry to list item
      this.atEnd = true;
      // A keyboard opens: the end stays in view.
      new ResizeObserver(() => this.atEnd && this.toEnd()).observe(this.root);
    }

    bubble({ sender, sender_name, kind, text, at, source, quick_replies }) {
      const own = sender === "patient";
      const staff = sender === "staff" && { name: sender_name || WORDS.staff_unnamed };
      const said = own ? WORDS.you_said : staff ? phrase("staff_said", staff) : WORDS.assistant_said;
      const speaker = own ? WORDS.you : staff ? phrase("staff", staff) : WORDS.name;
      const replies = quick_replies || [];
      const item = el("li", { class: `said ${sender} ${kind === "crisis" ? "crisis" : ""}` },
        el("p", { class: "sr" }, said),
        kind === "crisis" && el("p", { class: "flag" }, WORDS.crisis),
        el("div", { class: "text" }, ...paragraphs(text, own)),
        source && el("p", { class: "small" }, phrase("source", { source })),
        el("p", { class: "small meta" }, el("span", { "aria-hidden": "true" }, speaker, ", "),
          el("time", { datetime: at }, clock(at))),
        replies.length > 0 && el("p", { class: "sr follows" }, phrase("suggestions_follow", { n: replies.length })));
      return Object.assign(item, { sender, replies });
    }

    /** Shows what has come, each at its place by id; `history` is what was said before this page was open. */
    show(messages, history) {
      const atEnd = this.atEnd;
      if (history) this.log.setAttribute("aria-live", "off"); // a screen reader is not made to read it all again
      const items = messages.map((message) => this.place(message));
      this.offer();
      if (history) {
        this.toEnd();
        setTimeout(() => this.log.setAttribute("aria-live", "polite"), 1000);
      } else if (atEnd) {
        this.follow(items[0]);
      } else {
        this.below.hidden = false;
      }
    }

    /** After what was said before it, and before what still waits to be sent. */
    place(message) {
      const item = Object.assign(this.bubble(message), { messageId: message.id });
      let next = null;
      for (let other = this.list.lastElementChild; other; other = other.previousElementSibling) {
        if (!other.waits && !(other.messageId && newer(other.messageId, message.id))) break;
        next = other;
      }
      this.list.insertBefore(item, next);
      return item;
    }

    /** Shows what the person wrote, and whether it has been sent; `answerId` is the first message of the answer. */
    entry(entry, answerId) {
      const item = this.items.get(entry) || this.add(entry);
      Object.assign(item, { waits: !entry.sent && !entry.busy, messageId: entry.id });
      const state = entry.sent ? WORDS.sent : entry.failed ? WORDS.not_sent : WORDS.sending;
      if (item.state.textContent !== state) item.state.textContent = state;
      if (!entry.failed && item.again === item.getRootNode().activeElement) this.chat.rest();
      item.again.hidden = !entry.failed;
      // The stream can bring an answer before the post has come back.
      const answer = answerId && [...this.list.children].find((other) => other !== item && other.messageId === answerId);
      const isAbove = answer && answer.compareDocumentPosition(item) & Node.DOCUMENT_POSITION_FOLLOWING;
      if (isAbove) this.list.insertBefore(item, answer);
    }

    add(entry) {
      const item = this.bubble({ sender: "patient", text: entry.text, at: entry.at });
      item.state = el("span", { class: "state" });
      item.again = button(WORDS.try_again, () => this.chat.retry());
      item.querySelector(".meta").append(", ", item.state, item.again);
      this.items.set(entry, item);
      this.list.append(item);
      this.offer();
      this.follow(item);
      return item;
    }

    remove(entry) {
      this.items.get(entry).remove();
      this.items.delete(entry);
      this.offer();
    }

    /** Leaves nothing but one line of explanation. */
    clear(explanation) {
      this.items.clear();
      this.list.replaceChildren(el("li", null, el("p", null, explanation)));
      this.offer();
    }

    /** Suggested answers, under the last message only. */
    offer() {
      const last = this.list.lastElementChild;
      if (last === this.offered) return;
      this.offered = last;
      for (const note of this.list.querySelectorAll(".follows")) if (!last.contains(note)) note.remove();
      const hadFocus = this.quick.contains(this.quick.getRootNode().activeElement);
      const replies = (last && last.replies) || [];
      this.quick.hidden = !replies.length;
      this.quick.replaceChildren(...replies.map(({ label, text }) => button(label, () => this.chat.write(text))));
      if (hadFocus) this.chat.rest();
    }

    /** Says that an answer is being waited for: soon, and again when it takes long. Of a person nothing is promised. */
    wait(waiting) {
      if (waiting === Boolean(this.timers)) return;
      (this.timers || []).forEach(clearTimeout);
      this.timers = null;
      this.typing.textContent = "";
      if (!waiting) return;
      const last = [...this.list.children].filter((item) => item.sender !== "patient").pop();
      const words = last && last.sender === "staff" ? [WORDS.waiting_person] : [WORDS.waiting, WORDS.waiting_long];
      this.timers = words.map((text, n) => setTimeout(() => {
        this.typing.textContent = text;
        if (this.atEnd) this.toEnd();
      }, [400, 6000][n]));
    }

    // Scrolling: a new answer is shown from its beginning, and nobody who reads further up is pulled down.

    follow(item) {
      const low = getComputedStyle(this.root).overflowY === "visible"; // in a low window, the whole page scrolls
      if (!low) this.root.scrollTop = item.offsetTop - 8;
      else if (item.getRootNode().activeElement) item.scrollIntoView();
      this.scrolled();
    }

    toEnd() {
      this.root.scrollTop = this.root.scrollHeight;
      if (this.below === this.below.getRootNode().activeElement) this.root.focus({ preventScroll: true });
      this.scrolled();
    }

    scrolled() {
      const { scrollHeight, scrollTop, clientHeight } = this.root;
      this.atEnd = scrollHeight - scrollTop - clientHeight < 48;
      if (this.atEnd) this.below.hidden = true;
    }
  }

  // --- where the person writes ---------------------------------------------------------------------------------
  class Composer {
    /** `chat` is asked to write(text), draft(text) and speak(text). The page shows `root`. */
    constructor(chat, draft) {
      this.chat = chat;
      this.input = el("textarea", { id: "write", rows: 1, autocomplete: "off", enterkeyhint: "send",
        "aria-describedby": "count error hint", oninput: () => this.typed(), onkeydown: (event) => this.pressed(event) });
      this.input.value = draft;
      this.count = el("p", { class: "small", id: "count" });
      this.error = el("div", { class: "error", id: "error", role: "alert" });
      this.root = el("form", { novalidate: true, onsubmit: (event) => this.submit(event) },
        this.error, el("label", { for: "write" }, WORDS.label),
        el("div", { class: "row" }, this.input, el("button", { class: "go" }, WORDS.send)),
        this.count, el("p", { class: "hint", id: "hint" }, WORDS.hint));
    }

    typed() {
      this.chat.draft(this.input.value);
      this.problem("");
      this.input.removeAttribute("aria-invalid");
      this.grow();
      this.countDown();
    }

    grow() {
      this.input.rows = 1;
      while (this.input.rows < 6 && this.input.scrollHeight > this.input.clientHeight) this.input.rows += 1;
    }

    countDown() {
      const left = LIMIT - [...this.input.value.trim()].length; // characters as the clinic counts them, an emoji as one
      const near = left <= LIMIT - COUNT_FROM;
      const text = left < 0 ? phrase("too_long", { n: -left }) : near ? phrase("left_over", { n: left }) : "";
      this.count.textContent = text;
      this.count.classList.toggle("over", left < 0);
      clearTimeout(this.speaking);
      if (text) this.speaking = setTimeout(() => this.chat.speak(text), 1500); // in a pause of the typing
    }

    pressed(event) {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      this.submit(event);
    }

    /** Too long a text is sent too: the clinic reads all of it for danger before it says that it is too long. */
    submit(event) {
      event.preventDefault();
      const text = this.input.value.trim();
      if (text) {
        this.input.value = "";
        this.typed();
        this.chat.write(text);
      }
      if (!text || !fingers()) this.input.focus();
    }

    /** What the clinic refused goes back to where it was written. */
    giveBack(text) {
      this.input.value = [text, this.input.value].filter(Boolean).join("\n");
      this.typed();
      this.input.setAttribute("aria-invalid", "true");
    }

    problem(text) {
      this.error.replaceChildren(...(text ? paragraphs(text) : []));
    }
  }

  // --- the chat: what the person sees, around the messages and the composer -------------------------------------
  class InterludeChat extends HTMLElement {
    connectedCallback() {
      if (!this.shadowRoot) {
        this.attachShadow({ mode: "open" }).adoptedStyleSheets = [STYLES];
        if (this.hasAttribute("fill")) fitKeyboard(this);
      }
      this.level = Number(this.getAttribute("heading-level")) || 2;
      this.otherTab = ({ key, newValue }) => {
        if (key !== this.store.key || !this.store.keep) return;
        if (newValue === LEFT) this.leave();
        else if (newValue === null) this.keepBox.checked = !this.store.move(false);
      };
      window.addEventListener("storage", this.otherTab);
      this.open();
    }

    disconnectedCallback() {
      window.removeEventListener("storage", this.otherTab);
      this.conversation.stop();
    }

    /** Shows a conversation, the stored one where there is one, and connects it. */
    open() {
      const api = (this.getAttribute("api") || ORIGIN).replace(/\/$/, "");
      const invite = this.getAttribute("invite") || undefined;
      this.store = new Store(`interlude ${api}`);
      this.conversation = new Conversation({ api, store: this.store, invite, view: this });
      this.build();
      this.composer.grow();
      this.store.data.unsent.forEach((entry) => this.entry(entry));
      this.conversation.start();
    }

    build() {
      this.cry = null; // the call for help that the panel speaks of
      this.spoken = el("p", { class: "sr", role: "status" });
      this.help = this.helpPanel();
      this.options = this.optionsPanel();
      this.banner = this.lostBanner();
      this.messages = new Messages(this);
      this.composer = new Composer(this, this.store.data.draft);
      const top = el("div", { class: "top" },
        el("div", { class: "title" }, mark(), el("div", { class: "words" },
          el(`h${this.level}`, null, WORDS.name), CONFIG.clinic_name && el("p", null, CONFIG.clinic_name))),
        this.options.button, this.help.button,
        this.hasAttribute("closable") && button("\u00d7", () => this.close(), { "aria-label": WORDS.close }));
      this.shadowRoot.replaceChildren(this.frame(top, this.spoken, this.help, this.options, this.banner,
        this.messages.root, this.messages.below, this.composer.root));
    }

    frame(...content) {
      const frame = el("div", { class: `frame ${this.hasAttribute("closable") ? "closable" : ""}` }, ...content);
      frame.addEventListener("keydown", (event) => event.key === "Escape" && this.escape(event));
      return frame;
    }

    helpPanel() {
      this.told = el("div", { class: "told", role: "status" });
      return this.panel("help", WORDS.need_help_now_label, WORDS.need_help_now_title,
        ...paragraphs(WORDS.need_help_now_text), contactList(MAIN),
        el("p", null, button(WORDS.tell, () => this.tell(), { class: "urgent" })),
        el("p", { class: "small" }, WORDS.tell_hint), this.told,
        ...(OTHER.length ? [el("p", null, WORDS.need_help_now_more), contactList(OTHER)] : []));
    }

    optionsPanel() {
      this.keepBox = el("input", { type: "checkbox", "aria-describedby": "keep-hint", onchange: () => this.keep() });
      this.keepBox.checked = this.store.keep;
      return this.panel("options", WORDS.options, WORDS.options, el("p", null, WORDS.about),
        el("label", { class: "check" }, this.keepBox, WORDS.keep),
        el("p", { class: "small", id: "keep-hint" }, WORDS.keep_hint),
        el("p", null, button(WORDS.leave, () => this.leave())), el("p", { class: "small" }, WORDS.leave_hint));
    }

    /** Says that the connection is gone. Its words name the numbers; where they do not, the numbers follow. */
    lostBanner() {
      const words = paragraphs(WORDS.connection_lost);
      if (!words.some((paragraph) => paragraph.querySelector("a"))) words.push(contactList(MAIN));
      return el("section", { class: "banner", "aria-label": WORDS.no_connection, hidden: true }, ...words,
        el("p", null, button(WORDS.retry, () => this.retry())));
    }

    /** A part of the header that opens on a button: needs no connection. Escape closes it. */
    panel(id, label, title, ...content) {
      const close = button(WORDS.need_help_now_close, () => this.toggle(panel));
      const panel = el("section", { class: `panel ${id}`, id, hidden: true, tabindex: -1, "aria-label": title },
        el("div", null, el(`h${this.level + 1}`, null, title), close), ...content);
      panel.button = button(label, () => this.toggle(panel), { "aria-expanded": "false", "aria-controls": id });
      if (id === "help") panel.button.className = "urgent";
      return panel;
    }

    toggle(panel) {
      const opens = panel.hidden;
      for (const each of [this.help, this.options]) {
        each.hidden = each !== panel || !opens;
        each.button.setAttribute("aria-expanded", String(!each.hidden));
      }
      (opens ? panel : panel.button).focus();
    }

    escape(event) {
      const open = [this.help, this.options].find((panel) => panel.isConnected && !panel.hidden);
      if (open) this.toggle(open);
      else if (this.hasAttribute("closable")) this.close();
      else return;
      event.preventDefault();
    }

    close() {
      this.dispatchEvent(new Event("interlude-close"));
    }

    // What the messages and the composer ask for

    write(text) {
      this.conversation.write(text);
    }

    draft(text) {
      this.store.data.draft = text;
      this.store.save();
    }

    speak(text) {
      this.spoken.textContent = text;
    }

    retry() {
      this.trying = !this.banner.hidden;
      if (this.trying) this.speak(WORDS.connecting);
      this.conversation.reconnect();
    }

    /** Where the focus goes when its place is gone, or a dialog opens: no keyboard springs up on a phone. */
    rest() {
      const place = fingers() ? this.messages.root : this.composer.input;
      (place.isConnected ? place : this.shadowRoot.querySelector("button")).focus({ preventScroll: true });
    }

    // What the conversation tells

    show(messages, history) {
      this.messages.show(messages, history);
      if (!history) this.dispatchEvent(new Event("interlude-message"));
    }

    entry(entry, answerId) {
      this.messages.entry(entry, answerId);
      if (entry === this.cry) this.tellState(entry);
      this.messages.wait(this.store.data.unsent.some((unsent) => unsent.busy && !unsent.failed));
    }

    /** Refused: back to the composer. What the clinic stored all the same also stays in sight. */
    reject(entry) {
      if (entry === this.cry) this.cry = null;
      this.entry(Object.assign(entry, { sent: Boolean(entry.id) }));
      if (!entry.sent) this.messages.remove(entry);
      this.composer.giveBack(entry.text);
    }

    problem(text) {
      this.composer.problem(text || WORDS.failed);
    }

    solved() {
      this.composer.problem("");
    }

    connected(is, failed) {
      if (is === this.banner.hidden && !(this.trying && failed)) return;
      this.trying = false;
      this.speak(is ? WORDS.connection_back : WORDS.connection_lost);
      if (is && this.banner.contains(this.shadowRoot.activeElement)) this.rest();
      this.banner.hidden = is;
    }

    restarted() {
      this.messages.clear(WORDS.expired);
      this.store.data.unsent.forEach((entry) => this.entry(entry));
    }

    // Help, and leaving

    tell() {
      if (this.cry && !this.cry.sent) this.retry();
      else this.cry = this.conversation.write(WORDS.need_help_now_label, true);
      this.tellState(this.cry);
    }

    /** What is true about the call for help, and the clinic's answer to it. */
    tellState({ sent, failed, answer = [] }) {
      const key = sent ? (answer.length ? "tell_sent" : "tell_no_answer") : failed ? "tell_failed" : "tell_sending";
      if (key === this.told.key) return; // said once
      this.told.key = key;
      this.told.replaceChildren(el("p", null, el("b", null, phrase(key, { time: clock(Date.now()) }))));
      if (key === "tell_sent") {
        this.told.append(...answer.flatMap(({ text }) => paragraphs(text)),
          el("p", null, button(WORDS.need_help_now_close, () => this.toggle(this.help))));
      }
      this.told.scrollIntoView({ block: "nearest" });
    }

    keep() {
      if (this.store.move(this.keepBox.checked)) return;
      this.keepBox.checked = this.store.keep;
      this.problem(WORDS.keep_failed);
    }

    /** Empties the device and the view at once, in other tabs too; what was being sent is no longer waited for. */
    leave() {
      clearTimeout(this.composer.speaking);
      this.messages.wait(false);
      this.conversation.stop();
      this.store.clear();
      const heading = el(`h${this.level}`, { tabindex: -1 }, WORDS.left_title);
      this.shadowRoot.replaceChildren(this.frame(el("div", { class: "left" }, heading, el("p", null, WORDS.left),
        el("p", null, button(WORDS.start_again, () => this.open(), { class: "go" })),
        this.hasAttribute("closable") && el("p", null, button(WORDS.close, () => this.close())),
        ...paragraphs(WORDS.need_help_now_text), contactList(CONFIG.contacts))));
      heading.focus();
    }
  }
  customElements.define("interlude-chat", InterludeChat);

  // --- a page without a chat of its own gets a button that opens one ---------------------------------------------
  const COVERS = "(max-width:40em),(max-height:34em)";
  const LAUNCHER = sheet(`
.launcher{position:fixed;right:1em;bottom:max(1em,env(safe-area-inset-bottom));z-index:2147483000;
display:flex;align-items:center;gap:.5em;border-radius:2em;box-shadow:0 2px 10px #0005}
.launcher .mark{fill:currentColor}
:host{height:auto}
dialog{position:fixed;inset:auto 1em 1em auto;z-index:2147483001;width:27em;height:min(42em,calc(100dvh - 2em));
margin:0;padding:0;border:1px solid var(--line);border-radius:.8em;box-shadow:0 4px 30px #0006;
overflow:hidden;color:inherit;background:var(--bg)}
dialog interlude-chat{height:100%}
@media ${COVERS}{dialog{inset:0;width:100%;height:100dvh;max-width:none;max-height:none;
border:0;border-radius:0;overflow:auto}}
`);

  class InterludeLauncher extends HTMLElement {
    connectedCallback() {
      this.attachShadow({ mode: "open" }).adoptedStyleSheets = [STYLES, LAUNCHER];
      this.words = el("span", null, WORDS.launcher);
      this.button = button(mark(), () => this.open(), { class: "launcher go", "aria-haspopup": "dialog" });
      this.button.append(this.words);
      this.place = el("section", { "aria-label": WORDS.launcher }, this.button);
      this.dialog = el("dialog", { "aria-label": WORDS.launcher, onclose: () => this.closed() });
      this.shadowRoot.append(this.place, this.dialog);
      // Where it covers the page it is modal, or the focus could wander behind it (WCAG 2.4.11).
      this.covers = matchMedia(COVERS);
      this.covers.addEventListener("change", () => this.dialog.open && (this.dialog.close(), this.open()));
      fitKeyboard(this.dialog);
    }

    open() {
      if (!this.chat) {
        this.chat = el("interlude-chat", { closable: true });
        this.chat.addEventListener("interlude-close", () => this.dialog.close());
        this.chat.addEventListener("interlude-message", () => this.announce(!this.dialog.open));
        this.dialog.append(this.chat);
      }
      if (this.covers.matches) this.dialog.showModal();
      else this.dialog.show();
      this.place.hidden = true;
      this.announce(false);
      this.chat.rest();
    }

    closed() {
      if (this.dialog.open) return; // it has only changed its shape
      this.place.hidden = false;
      this.button.focus();
    }

    announce(unread) {
      this.words.textContent = unread ? WORDS.launcher_unread : WORDS.launcher;
    }
  }
  customElements.define("interlude-launcher", InterludeLauncher);

  function addLauncher() {
    if (!document.querySelector("interlude-chat")) document.body.append(el("interlude-launcher"));
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", addLauncher);
  else addLauncher();
}());
