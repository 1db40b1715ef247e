// the messages: a log, suggested answers under the last one, and a sign that an answer is being waited for
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
