// the person's own answers: shown when asked for, and kept as a file by who wants to
function ownAnswers(chat) {
  const place = el("div", { class: "answers", tabindex: -1, role: "group", "aria-label": WORDS.own_answers });
  const show = async () => {
    const { id } = chat.store.data;
    const { status, about, text, responses } = id ? await chat.conversation.call("GET", `/${id}/answers`) : {};
    if (status !== 200) place.replaceChildren(el("p", null, WORDS.own_answers_failed));
    else if (!responses.length) place.replaceChildren(el("p", null, about));
    else {
      const file = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
      place.replaceChildren(
        el("p", null, el("a", { href: file, download: "my-answers.txt" }, WORDS.own_answers_keep)),
        el("p", { class: "small" }, WORDS.own_answers_keep_hint), el("pre", null, text));
    }
    place.focus();
  };
  return [el("p", null, button(WORDS.own_answers, show)), place];
}
