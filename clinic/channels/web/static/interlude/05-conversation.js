// the conversation: sending in order, receiving once, connecting again; knows nothing of the page
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
    this.withStaff = false;
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
        if (response.ok && !Array.isArray(data.messages || data.responses || data.hours)) throw new TypeError("not the clinic's answer");
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

  /** Tells a member of staff who is in the conversation that something is being written; to the program it is not said. */
  typing() {
    if (!this.withStaff || !this.data.id || Date.now() - (this.typedAt || 0) < TYPING_SECONDS * 1000) return;
    this.typedAt = Date.now();
    this.call("POST", `/${this.data.id}/typing`);
  }

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
      if (message.sender === "staff" || message.staff) this.withStaff = message.staff !== "left";
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
    if (this.data.id && !this.invite) return true; // an invitation begins a conversation of its own
    const body = { channel: "web", invite: this.invite };
    const { id, token, messages, error, status } = await this.call("POST", "", body);
    if (this.stopped) return false;
    if (!id || !token) {
      if (error) this.view.problem(error.message);
      if (status >= 400 && status < 500) this.invite = undefined; // a wrong code must not keep anybody out
      return false;
    }
    Object.assign(this.data, { id, token });
    this.invite = undefined; // it is used
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
