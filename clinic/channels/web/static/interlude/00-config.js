/* <interlude-chat>: the patient's chat, embedded with one tag and nothing else to load:
   <script src="https://clinic.example/widget/interlude.js" defer></script>
 A page without <interlude-chat> gets a button that opens one. Attributes: api (another server), invite (a code),
 fill (it is the whole page), heading-level (2). Crisis numbers travel inside this file: they need no network. */
"use strict";
if (customElements.get("interlude-chat")) return;

const CONFIG = Object.assign({ contacts: [], texts: {}, clinic_name: "" }, /*INTERLUDE_CONFIG*/null);
const ORIGIN = new URL(document.currentScript.src).origin;
const LIMIT = 4000;
const COUNT_FROM = 3500;
const CALL_SECONDS = 20; // the clinic answers within ten, if only to say that it could not
const TYPING_SECONDS = 3; // the clinic forgets after six that something is being written
const SILENT_SECONDS = 60; // the event stream sends a heartbeat more often than this
