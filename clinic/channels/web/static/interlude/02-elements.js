// building the page: text goes in as text nodes, never as markup
function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child != null && child !== false));
  return node;
}

const button = (label, onclick, attributes) => el("button", { type: "button", onclick, ...attributes }, label);

function mark() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [name, value] of [["viewBox", "0 0 32 32"], ["aria-hidden", "true"], ["class", "mark"]]) {
    svg.setAttribute(name, value);
  }
  const path = svg.appendChild(document.createElementNS(svg.namespaceURI, "path"));
  path.setAttribute("d", "M16 3C8.3 3 2 8 2 14.5c0 3.6 2 6.8 5 8.9V30l6.2-4.2c.9.1 1.8.2 2.8.2 "
    + "7.7 0 14-5 14-11.5S23.7 3 16 3zm-5 6h3.5v11H11zm6.5 0H21v11h-3.5z");
  return svg;
}

/** Where a phone's keyboard lies over the page (iOS), `target` takes what is left to be seen. */
function fitKeyboard(target) {
  const view = window.visualViewport;
  if (view) view.addEventListener("resize", () => {
    const covered = view.scale < 1.05 && innerHeight - view.height > 100;
    target.style.height = covered ? `${view.height}px` : "";
    target.style.top = covered ? `${view.offsetTop}px` : "";
    if (covered) target.scrollIntoView();
  });
}
