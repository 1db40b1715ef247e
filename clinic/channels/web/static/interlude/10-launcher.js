// a page without a chat of its own gets a button that opens one
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
