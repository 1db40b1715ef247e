// the hour at which a person wishes to be reminded: asked for when the options are opened, shown only to who is reminded
function reminderHour(chat) {
  const place = el("div");
  const told = el("p", { class: "small", role: "status" });
  const path = () => `/${chat.store.data.id}/reminder-hour`;
  const hourOf = (hour) => `${hour}:00`;
  const choose = async (event) => {
    const { value } = event.target;
    const wish = value === "none" ? { stop: true } : { hour: value === "" ? null : Number(value) };
    const { status } = await chat.conversation.call("POST", path(), wish);
    told.textContent = status === 200 ? WORDS.reminder_chosen : WORDS.reminder_failed;
  };
  const load = async () => {
    told.textContent = "";
    const answer = chat.store.data.id ? await chat.conversation.call("GET", path()) : {};
    const { status, hour, usual_hour, hours, stopped } = answer;
    const chosen = stopped ? "none" : String(hour ?? "");
    if (status !== 200 || !hours.length) return place.replaceChildren();
    const option = (value, label) => el("option", { value, selected: chosen === value }, label);
    place.replaceChildren(el("p", null, el("label", { for: "reminder-hour" }, WORDS.reminder_hour)),
      el("p", null, el("select", { id: "reminder-hour", onchange: choose },
        option("", phrase("reminder_usual", { time: hourOf(usual_hour) })),
        ...hours.map((each) => option(String(each), hourOf(each))), option("none", WORDS.reminder_none))), told);
  };
  return { place, load };
}
