// Takes the code from behind the "#" of the address, or from the form, and opens the chat with it. What stands behind
// the "#" never reaches a server by itself, and it is taken out of the address: the code stays in no list of pages.
"use strict";
{
  const form = document.getElementById("join");
  const field = document.getElementById("code");
  const problem = document.getElementById("code-problem");

  const open = (code) => {
    // A page that is loaded again goes on with the chat, not with a code that is used up.
    history.replaceState(null, "", "/");
    const chat = document.createElement("interlude-chat");
    chat.setAttribute("fill", "");
    chat.setAttribute("heading-level", "1");
    chat.setAttribute("invite", code);
    form.replaceWith(chat);
    // Only now: on a page without a chat the script would offer a button for one, beside this form.
    const script = document.createElement("script");
    script.src = "/widget/interlude.js";
    document.head.append(script);
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const code = field.value.trim();
    problem.textContent = code ? "" : "Type the code first.";
    field.setAttribute("aria-invalid", String(!code));
    if (code) open(code);
    else field.focus();
  });

  const look = () => {
    const given = location.hash.slice(1).trim();
    if (given && form.isConnected) open(given);
  };
  // The link may be followed while this page is open.
  addEventListener("hashchange", look);
  look();
}
