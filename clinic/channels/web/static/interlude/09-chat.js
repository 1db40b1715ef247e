// the chat: what the person sees, around the messages and the composer
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
    this.reminder = reminderHour(this);
    return this.panel("options", WORDS.options, WORDS.options, el("p", null, WORDS.about),
      el("label", { class: "check" }, this.keepBox, WORDS.keep),
      el("p", { class: "small", id: "keep-hint" }, WORDS.keep_hint),
      this.reminder.place, ...ownAnswers(this),
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
    if (opens && panel === this.options) this.reminder.load();
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

  typing() {
    this.conversation.typing();
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
