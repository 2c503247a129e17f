// How far everybody has been told of an update is shown anew while its mails leave. Without this script there is a link.

const shown = document.querySelector("[data-told]");
const until = Date.now() + 15 * 60000;

const look = async () => {
  const again = shown.querySelector("[data-again]");
  if (!again || Date.now() > until) return;
  // Nobody looks, or stands on a link that would be taken from under them: later.
  if (!document.hidden && !shown.contains(document.activeElement)) {
    try {
      const answer = await fetch(shown.dataset.told, { redirect: "error" });
      if (answer.ok) shown.innerHTML = await answer.text();
    } catch {
      // Without a connection what stands there stays.
    }
  }
  setTimeout(look, 4000);
};

setTimeout(look, 2000);
