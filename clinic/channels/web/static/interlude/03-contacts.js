// crisis contacts: only their numbers ever become links
const squash = (number) => number.replace(/\s/g, "");
const isCallable = (contact) => /^(tel|sms):/.test(contact.href || "");
const marked = CONFIG.contacts.filter((contact) => contact.main);
const MAIN = marked.length ? marked : CONFIG.contacts;
const OTHER = CONFIG.contacts.filter((contact) => !MAIN.includes(contact));

// "111, option 2" is also known as 111. "BSL 111" is known too, so that its 111 does not become a call.
const NUMBERS = new Map();
for (const contact of CONFIG.contacts) {
  const bare = contact.number.match(/^[\d\s]+\d/);
  for (const number of [contact.number, ...(bare || [])]) {
    if (!NUMBERS.has(squash(number))) NUMBERS.set(squash(number), contact);
  }
}
const KNOWN = NUMBERS.size && new RegExp("(^|[^\\d\\s]\\s*)(" + [...NUMBERS.keys()]
  .sort((a, b) => b.length - a.length)
  .map((number) => [...number].map((sign) => sign.replace(/\W/, "\\$&")).join("\\s*"))
  .join("|") + ")(?!\\d)", "g");

/** One line of text as nodes, known numbers as tel: or sms: links. */
function linked(line) {
  const nodes = [];
  let from = 0;
  for (const match of KNOWN ? line.matchAll(KNOWN) : []) {
    const contact = NUMBERS.get(squash(match[2]));
    if (!isCallable(contact)) continue;
    nodes.push(line.slice(from, match.index + match[1].length), el("a", { href: contact.href }, match[2]));
    from = match.index + match[0].length;
  }
  return [...nodes, line.slice(from)];
}

/** Text as paragraphs with its line breaks; numbers become links unless it is the person's own text. */
const paragraphs = (text, own) => String(text || "").trim().split(/\n\s*\n/).map((paragraph) => el("p", null,
  ...paragraph.split("\n").flatMap((line, n) => [...(n ? [el("br")] : []), ...(own ? [line] : linked(line))])));

/** Contacts as a list, each a line to tap. */
function contactList(contacts) {
  if (!contacts.length) return el("p", null, WORDS.no_contacts);
  return el("ul", { class: "contacts", role: "list" }, ...contacts.map((contact) => {
    const { name, number, line, href } = contact;
    const [before, ...after] = (line || "").split(number);
    const words = after.length ? [before, el("b", null, number), after.join(number)]
      : [name, " ", el("b", null, number), " ", line];
    const item = isCallable(contact) ? el("a", { href }) : el("p");
    item.append(el("span", null, ...words));
    return el("li", null, item);
  }));
}
