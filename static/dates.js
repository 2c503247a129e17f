// What a date means is shown again while somebody chooses it. Without this script there is a button for it.

const shown = document.querySelector("[data-look]");
if (shown) {
  const fields = ["start", "end", "timezone"].map((name) => shown.closest("form").elements.namedItem(name)).filter(Boolean);
  const [start, end] = fields;
  let waiting;
  let asking = new AbortController();

  const look = async () => {
    asking.abort();
    asking = new AbortController();
    const address = new URL(shown.dataset.look, location.href);
    for (const field of fields) address.searchParams.set(field.name, field.value);
    try {
      const answer = await fetch(address, { signal: asking.signal, redirect: "error" });
      if (answer.ok) shown.innerHTML = await answer.text();
    } catch {
      // Asked again, or without a connection: what stands there stays, and the button works.
    }
  };

  // The end follows the start until somebody writes it: an hour later, or, when a session moves, as long as it lasts.
  const keeps = "keepsLength" in shown.dataset && Date.parse(end.value) - Date.parse(start.value);
  const length = keeps > 0 ? keeps : 3600000;
  let followed = keeps > 0 ? end.value : "";
  start.addEventListener("input", () => {
    const begins = Date.parse(`${start.value}Z`);
    if (Number.isNaN(begins) || end.value !== followed) return;
    end.value = followed = new Date(begins + length).toISOString().slice(0, 16);
  });

  for (const field of fields) {
    field.addEventListener("input", () => {
      clearTimeout(waiting);
      // Half a date is no date: the browser gives none before it is whole.
      if (fields[0].value) waiting = setTimeout(look, 400);
    });
  }
  if (fields[0].value && !shown.firstElementChild) look();
}
