// the hour at which a person wishes to be reminded: asked for when the options are opened, shown only to who is reminded
function reminderHour(chat) {
  const place = el("div");
  const told = el("p", { class: "small", role: "status" });
  const path = () => `/${chat.store.data.id}/reminder-hour`;
  const hourOf = (hour) => `${hour}:00`;
  const choose = async (event) => {
    const { value } = event.target;
    const { status } = await chat.conversation.call("POST", path(), { hour: value === "" ? null : Number(value) });
    told.textContent = status === 200 ? WORDS.reminder_chosen : WORDS.reminder_failed;
  };
  const load = async () => {
    told.textContent = "";
    const { status, hour, usual_hour, hours } = chat.store.data.id ? await chat.conversation.call("GET", path()) : {};
    if (status !== 200 || !hours.length) return place.replaceChildren();
    const option = (value, label) => el("option", { value, selected: String(hour ?? "") === value }, label);
    place.replaceChildren(el("p", null, el("label", { for: "reminder-hour" }, WORDS.reminder_hour)),
      el("p", null, el("select", { id: "reminder-hour", onchange: choose },
        option("", phrase("reminder_usual", { time: hourOf(usual_hour) })),
        ...hours.map((each) => option(String(each), hourOf(each))))), told);
  };
  return { place, load };
}
