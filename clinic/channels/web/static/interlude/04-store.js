// what is kept on the device: id, token, what was not sent; never what was said
const LEFT = "left"; // tells other tabs that the chat was cleared

class Store {
  constructor(key) {
    this.key = key;
    const kept = this.use("localStorage", "getItem");
    this.keep = Boolean(kept);
    try {
      this.data = Object.assign(this.empty(), JSON.parse(kept || this.use("sessionStorage", "getItem") || "null"));
    } catch (damaged) {
      this.data = this.empty();
    }
  }

  empty() {
    return { id: null, token: null, unsent: [], draft: "" };
  }

  /** Storage can be blocked or full: the chat then lasts as long as its page. False if it could not be used. */
  use(area, method, ...values) {
    try {
      return window[area][method](this.key, ...values);
    } catch (blocked) {
      return false;
    }
  }

  save() {
    return this.use(this.keep ? "localStorage" : "sessionStorage", "setItem", JSON.stringify(this.data)) !== false;
  }

  /** Moves everything to the other place; false if that place cannot be used. */
  move(keep) {
    this.keep = keep;
    if (!this.save()) {
      this.keep = !keep;
      return false;
    }
    this.use(keep ? "sessionStorage" : "localStorage", "removeItem");
    return true;
  }

  clear() {
    this.data = this.empty();
    if (this.keep) this.use("localStorage", "setItem", LEFT);
    this.keep = false;
    for (const area of ["localStorage", "sessionStorage"]) this.use(area, "removeItem");
  }
}
