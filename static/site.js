// What scripts add to pages that work without them: the reader's zone, names proposed while typing, a clock that
// keeps counting, the focus on what went wrong.

// The reader's zone. Told once, kept in a cookie that the server reads; the times of this page are then fetched
// again. On a page with a form only what stands beside it is, so that nothing typed is lost.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
for (const input of document.querySelectorAll("input[name=timezone][type=hidden]")) if (zone) input.value = zone;

if (zone && navigator.cookieEnabled && !/(^|; )timezone=/.test(document.cookie)) {
  document.cookie = `timezone=${zone}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
  const shown = document.getElementById("zone");
  const part = document.querySelector("main form[method=post]") ? "aside.summary" : "main";
  const choice = document.querySelector(`#zone-choice option[value="${zone}"]`);
  if (choice) choice.selected = true;
  else if (shown && !shown.dataset.zone && document.querySelector(part)) showAgain([part]);
}

async function showAgain(parts) {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || (parts[0] === "main" && document.activeElement?.closest("main"))) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of [...parts, ".dateline"]) {
    const [old, fresh] = [document.querySelector(part), page.querySelector(part)];
    if (old && fresh) old.replaceWith(fresh);
  }
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  start();
}

// The menu of languages closes as menus do.
const menu = document.querySelector(".language-menu");
document.addEventListener("click", (event) => { if (menu && !menu.contains(event.target)) menu.open = false; });
menu?.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !menu.open) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// What was typed is not lost when the language is changed: this tab keeps it until the page is there in the other one.
const page = location.pathname.replace(/^\/[a-z]{2,3}\//, "/");
const filled = () => [...document.querySelectorAll("main form[method=post]")].flatMap((form) => [...form.elements])
  .filter((field) => field.name && !["hidden", "password", "file", "submit", "button", "fieldset"].includes(field.type));
const isTicked = (field) => ["checkbox", "radio"].includes(field.type);
const chosen = (field) => [...field.options].filter((option) => option.selected).map((option) => option.value);

function isChanged(field) {
  if (isTicked(field)) return field.checked !== field.defaultChecked;
  if (field.options) return [...field.options].some((option) => option.selected !== option.defaultSelected);
  return field.value !== field.defaultValue;
}

function keepTyped() {
  const wasRefused = document.querySelector("[data-focus]"); // then the page itself has put in what was typed
  const typed = filled().filter((field) => wasRefused || isChanged(field))
    .map((field) => [field.name, isTicked(field) && field.value, isTicked(field) ? field.checked : field.options ? chosen(field) : field.value]);
  if (typed.length) sessionStorage.setItem("typed", JSON.stringify([page, typed]));
}

function putTypedBack() {
  const [where, typed] = JSON.parse(sessionStorage.getItem("typed") ?? "[]");
  sessionStorage.removeItem("typed");
  if (where !== page) return;
  for (const [name, value, was] of typed) {
    for (const field of filled().filter((one) => one.name === name && (!isTicked(one) || one.value === value))) {
      if (isTicked(field)) field.checked = was;
      else if (field.options) for (const option of field.options) option.selected = was.includes(option.value);
      else field.value = was;
    }
  }
}

// A browser that keeps nothing for a site throws.
const withStorage = (work) => { try { work(); } catch { /* then it has to be typed again */ } };
withStorage(putTypedBack);
menu?.addEventListener("click", (event) => {
  if (event.target.closest("a, button") && !event.ctrlKey && !event.metaKey && !event.shiftKey) withStorage(keepTyped);
});

// What went wrong is read out first.
document.querySelector("[data-focus]")?.focus();

function start() {
  for (const [what, set] of [["[data-until]", count], ["[data-combobox]", propose], ["[data-most-bytes]", weigh]]) {
    document.querySelectorAll(`${what}:not([data-ready])`).forEach((one) => { one.dataset.ready = ""; set(one); });
  }
}

// Numbers as the server writes them, in the digits of the page's language: browsers differ about those of Arabic.
const numbers = (how) => new Intl.NumberFormat(`${document.documentElement.lang}-u-nu-${document.documentElement.dataset.numbering ?? "latn"}`, how);

// "minute" or "minutes", in the language of the page.
function called(value, unit) {
  const words = numbers({ style: "unit", unit, unitDisplay: "long" });
  return words.formatToParts(value).filter((part) => part.type === "unit").map((part) => part.value).join("");
}

function count(clock) {
  const until = Date.parse(clock.dataset.until);
  const units = Object.fromEntries([...clock.querySelectorAll("[data-unit]")].map((unit) => [unit.dataset.unit, unit]));
  const show = () => {
    const minutes = Math.max(0, Math.ceil((until - Date.now()) / 60000));
    const parts = { day: Math.floor(minutes / 1440), hour: Math.floor(minutes / 60) % 24, minute: minutes % 60 };
    for (const [name, value] of Object.entries(parts)) {
      units[name].querySelector("b").textContent = numbers().format(value);
      units[name].querySelector("small").textContent = called(value, name);
    }
    units.day.hidden = parts.day === 0;
    if (until > Date.now()) setTimeout(show, Math.min(15000, until - Date.now() + 200));
    else if (clock.dataset.then === "reload") location.reload();
  };
  show();
}

// A file that is too large is said to be so before it travels.
function weigh(input) {
  const [described, error] = [input.getAttribute("aria-describedby"), `${input.id}-error`];
  input.addEventListener("change", () => {
    document.getElementById(error)?.remove();
    input.removeAttribute("aria-invalid");
    if (![...input.files].some((file) => file.size > Number(input.dataset.mostBytes))) return;
    input.value = "";
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", [described, error].join(" ").trim());
    const told = Object.assign(document.createElement("p"), { className: "error", id: error, textContent: input.dataset.tooLarge });
    told.setAttribute("role", "alert");
    input.before(told);
  });
}

// A combobox as the ARIA Authoring Practices have it: the focus stays in the input, the list follows.
// Arabic and Persian keyboards have different letters for the same sound, as webinar/members/matching.py has it.
const same = { "ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه" };
const plain = (text) => text.normalize("NFKD").replace(/[\p{M}\p{Cf}ـ]/gu, "").replace(/[يىكة]/g, (letter) => same[letter]).toLowerCase();

function propose(box) {
  const input = box.querySelector("input");
  const list = Object.assign(document.createElement("ul"), { id: `${input.id}-list`, className: "combobox-list", hidden: true });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", box.dataset.list);
  const told = Object.assign(document.createElement("p"), { className: "unseen" });
  told.setAttribute("role", "status");
  box.append(list, told);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list" })) input.setAttribute(name, value);

  let members;
  let found = [];
  let at = -1;
  const load = async () => {
    if (members) return;
    members = [];
    const answer = await fetch(box.dataset.combobox);
    if (!answer.ok) { members = undefined; return; }
    members = (await answer.json()).map((member) => ({ ...member, forms: [member.name, ...member.names].map(plain) }));
    if (document.activeElement === input && input.value) search();
  };
  const close = () => { list.hidden = true; at = -1; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };
  const choose = (member) => { input.value = member.name; close(); input.dispatchEvent(new Event("change", { bubbles: true })); };
  const mark = (index) => {
    at = index;
    [...list.children].forEach((option, i) => option.setAttribute("aria-selected", String(i === at)));
    if (at < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", list.children[at].id);
    list.children[at].scrollIntoView({ block: "nearest" });
  };
  const show = (some) => {
    found = some.slice(0, 7);
    list.replaceChildren(...found.map((member, i) => {
      const option = document.createElement("li");
      option.id = `${list.id}-${i}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      const [name, more] = [document.createElement("bdi"), document.createElement("small")];
      name.textContent = member.name;
      more.textContent = member.more;
      option.append(name, more);
      // On pressing, not on clicking: the input would lose the focus and the list be gone.
      option.addEventListener("pointerdown", (event) => { event.preventDefault(); choose(member); });
      return option;
    }));
    told.textContent = found.length ? `${box.dataset.count} ${numbers().format(found.length)}` : "";
    list.hidden = found.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    mark(-1);
  };
  const search = () => {
    const typed = plain(input.value.trim());
    if (!members || typed === "") { told.textContent = ""; return close(); }
    const rank = (member) => {
      const places = member.forms.map((form) => (form === typed ? 0 : form.startsWith(typed) ? 1 : form.includes(` ${typed}`) || form.includes(`(${typed}`) ? 2 : form.includes(typed) ? 3 : 9));
      return Math.min(...places);
    };
    const ranked = members.map((member) => [rank(member), member]).filter(([place]) => place < 9);
    ranked.sort((one, other) => one[0] - other[0]);
    show(ranked.map(([, member]) => member));
    if (!ranked.length) { close(); told.textContent = typed.length > 3 ? box.dataset.none : ""; }
  };
  input.addEventListener("focus", load);
  input.addEventListener("input", () => {
    box.closest(".field").querySelector("[data-suggestions] input[value='']")?.click(); // a page may have several
    input.focus();
    search();
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) { close(); event.preventDefault(); }
    if (event.key === "Enter" && at >= 0) { choose(found[at]); event.preventDefault(); }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    if (list.hidden) search();
    if (list.hidden) return;
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    mark((at + step + found.length + (at < 0 && step < 0 ? 1 : 0)) % found.length);
  });
}

start();
