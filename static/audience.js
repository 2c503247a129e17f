// While a condition is chosen, how many people it would leave is counted anew. Without this script the page says it
// once the condition is added.

const form = document.querySelector("form[data-count]");
const says = form?.querySelector("[data-says]");
let asked = 0;

const count = async () => {
  const mine = ++asked;
  const query = new URLSearchParams([...new FormData(form)].filter(([name]) => ["about", "holds", "values", "words"].includes(name)));
  try {
    const answer = await fetch(`${form.dataset.count}?${query}`, { redirect: "error" });
    const told = answer.ok ? (await answer.json()).says : "";
    if (mine === asked) says.textContent = told;
  } catch {
    // Without a connection what stands there stays.
  }
};

let soon;
if (says) {
  form.addEventListener("input", () => {
    clearTimeout(soon);
    soon = setTimeout(count, 300);
  });
  if (form.querySelector("[name=values]:checked") || !form.querySelector("[name=values], [name=words]")) count();
}
