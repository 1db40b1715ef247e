// where the person writes
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
    if (this.input.value.trim()) this.chat.typing();
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
