// Writing a mailing: buttons for how the text looks, personal details by name and checked as one types, and the mail
// beside it. Without this script there is a plain text area, and a button shows the mail.

const tools = [...document.querySelectorAll("[data-tools]")];

// Typed in, so that it can be undone as whatever is typed.
function type(field, text, from, to) {
  field.focus();
  field.setSelectionRange(from, to);
  if (!document.execCommand("insertText", false, text)) {
    field.setRangeText(text, from, to, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function around(field, mark) {
  const [from, to] = [field.selectionStart, field.selectionEnd];
  const chosen = field.value.slice(from, to);
  const inside = field.value.slice(from - mark.length, from) === mark && field.value.slice(to, to + mark.length) === mark;
  if (inside) {
    type(field, chosen, from - mark.length, to + mark.length);
    field.setSelectionRange(from - mark.length, to - mark.length);
    return;
  }
  const core = chosen.trim(); // a mark beside a blank is none
  const before = chosen.slice(0, chosen.indexOf(core));
  type(field, before + mark + core + mark + chosen.slice(before.length + core.length), from, to);
  const start = from + before.length + mark.length;
  field.setSelectionRange(start, start + core.length);
}

function lines(field, mark) {
  const from = field.value.lastIndexOf("\n", field.selectionStart - 1) + 1;
  const next = field.value.indexOf("\n", field.selectionEnd);
  const to = next < 0 ? field.value.length : next;
  const old = field.value.slice(from, to).split("\n");
  const all = old.every((line) => line.startsWith(mark));
  const fresh = old.map((line) => (all ? line.slice(mark.length) : line.startsWith(mark) ? line : mark + line)).join("\n");
  // A list behind a paragraph needs an empty line between.
  const gap = !all && from > 0 && field.value[from - 2] !== "\n" && !field.value.slice(0, from).split("\n").at(-2).startsWith(mark) ? "\n" : "";
  type(field, gap + fresh, from, to);
}

function link(field, question) {
  const [from, to] = [field.selectionStart, field.selectionEnd];
  const chosen = field.value.slice(from, to);
  const address = window.prompt(question, /^https?:\/\//.test(chosen) ? chosen : "https://");
  if (address === null || !/^\s*(https?:\/\/\S|mailto:\S+@)\S*\s*$/.test(address)) return field.focus();
  const safe = address.trim().replaceAll("(", "%28").replaceAll(")", "%29");
  type(field, `[${chosen || address.trim()}](${safe})`, from, to);
}

const make = {
  bold: (field) => around(field, "**"),
  italic: (field) => around(field, "*"),
  heading: (field) => lines(field, "# "),
  list: (field) => lines(field, "- "),
  link: (field, bar) => link(field, bar.dataset.address),
};

// The same as webinar/invitations/details.py.
const plain = (written) => written.replaceAll("_", " ").toLowerCase().split(/\s+/).filter(Boolean).join(" ");

function distance(one, other) {
  let row = [...Array(other.length + 1).keys()];
  for (let i = 1; i <= one.length; i += 1) {
    const above = row;
    row = [i];
    for (let j = 1; j <= other.length; j += 1) {
      row[j] = Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1));
    }
  }
  return row.at(-1);
}

function wrong(text, bar, known) {
  for (const [braces] of text.matchAll(/\{+[^{}\n]*\p{L}[^{}\n]*\}+/gu)) {
    const name = plain(braces.replace(/[{}]/g, "").split("|")[0]);
    const single = braces.startsWith("{{") || braces.endsWith("}}") ? false : known.some(([detail]) => detail === name);
    if (single) continue;
    const meant = known.find(([detail, often]) => detail === name || often.includes(name))
      ?? known.toSorted(([one], [other]) => distance(name, one) - distance(name, other)).find(([detail]) => distance(name, detail) <= detail.length / 2);
    const sentence = meant ? bar.dataset.doYouMean.replace("{?}", () => `{${meant[0]}}`) : bar.dataset.noDetail;
    return sentence.replace("{…}", () => braces);
  }
  return "";
}

for (const bar of tools) {
  const section = bar.closest("[data-language]");
  const body = document.getElementById(bar.dataset.tools);
  const fields = [...section.querySelectorAll("input:not([type=hidden]), textarea")];
  const menu = bar.querySelector("details");
  const known = [...menu.querySelectorAll("[data-detail]")].map((button) => [button.dataset.detail, [button.textContent, ...button.dataset.often.split("|")].map(plain)]);
  let last = body;
  bar.hidden = false;

  for (const field of fields) {
    field.addEventListener("focus", () => { last = field; });
  }
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.make) make[button.dataset.make](body, bar);
    if (button?.dataset.detail) {
      menu.open = false;
      type(last, `{${button.dataset.detail}}`, last.selectionStart, last.selectionEnd);
    }
  });
  // As toolbars have it: one stop of the Tab key, arrows within.
  const stops = () => [...bar.children].map((one) => one.querySelector("summary") ?? one);
  stops().forEach((stop, number) => { stop.tabIndex = number ? -1 : 0; });
  bar.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open) { menu.open = false; menu.querySelector("summary").focus(); }
    const at = stops().indexOf(document.activeElement);
    const forward = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
    const to = { Home: 0, End: stops().length - 1, ArrowLeft: at + (forward === "ArrowLeft" ? 1 : -1), ArrowRight: at + (forward === "ArrowRight" ? 1 : -1) }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    const next = stops()[(to + stops().length) % stops().length];
    stops().forEach((stop) => { stop.tabIndex = stop === next ? 0 : -1; });
    next.focus();
  });
  menu.addEventListener("focusout", (event) => { if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false; });

  body.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    const how = { b: "bold", i: "italic", k: "link" }[event.key.toLowerCase()];
    if (!how) return;
    event.preventDefault();
    make[how](body, bar);
  });

  const found = section.querySelector("[data-found]");
  found.setAttribute("role", "status");
  let pause;
  section.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(() => {
      found.textContent = fields.map((field) => wrong(field.value, bar, known)).find(Boolean) ?? "";
      found.hidden = !found.textContent;
      show(section);
    }, 700);
  });
}

// The mail beside the form. A new frame each time, because each look would be a step back in the history of the page.
function show(section) {
  const frame = document.querySelector("iframe[name=mail-as-typed]");
  const button = section.querySelector("button[name=show]");
  if (!frame || !button) return;
  frame.replaceWith(frame.cloneNode());
  button.form.requestSubmit(button);
}

let latest = document.querySelector("[data-language]");
document.querySelector("[data-whose]")?.addEventListener("change", () => show(latest));
for (const section of document.querySelectorAll("[data-language]")) {
  section.addEventListener("focusin", () => { latest = section; });
}

const first = document.querySelector("[data-language]");
if (first?.querySelector("textarea")?.value) show(first);
