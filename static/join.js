// The page of a personal join link goes on by itself: before the doors it asks again when they open, then it posts
// its form. Without this script there is a button, and the browser's own refresh.

// Counted from the server's seconds, not from this device's clock, which may be wrong; in short steps, because
// timers stand still while a device sleeps.
const waiting = document.querySelector("[data-again]");
if (waiting) {
  // Not everybody in the same instant.
  const due = Date.now() + Number(waiting.dataset.again) * 1000 + Math.random() * 3000;
  const look = () => {
    if (Date.now() >= due) location.replace(location.href);
    else setTimeout(look, Math.min(due - Date.now() + 50, 30000));
  };
  look();
}

// Not when somebody comes back from the platform: they would be sent there again and again. Not on a page that the
// browser only prepares.
const form = document.querySelector("form[data-by-itself]");
const cameBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
if (form && !cameBack) {
  if (document.prerendering) document.addEventListener("prerenderingchange", () => form.requestSubmit(), { once: true });
  else form.requestSubmit();
}
