// Who comes while a session is on is shown anew every few seconds, and how many would come with another threshold while
// one types it. Without this script there is a link, and a button.

const live = document.querySelector("[data-live]");
const OFTEN = 5000;
const SELDOM = 60000;
let pause = OFTEN;
let next;

async function part(address) {
  const answer = await fetch(address, { redirect: "error" });
  if (!answer.ok) throw new Error(answer.status);
  return answer.text();
}

// What nobody looks at is not asked for; where the site does not answer it is asked less and less often.
async function look() {
  clearTimeout(next);
  if (document.hidden || !live.querySelector("[data-again]")) return;
  try {
    const fresh = await part(live.dataset.live);
    // A link that somebody stands on is not taken from under them.
    if (!live.contains(document.activeElement)) live.innerHTML = fresh;
    pause = OFTEN;
  } catch {
    pause = Math.min(2 * pause, SELDOM);
  }
  next = setTimeout(look, pause);
}

if (live?.querySelector("[data-again]")) {
  next = setTimeout(look, pause);
  document.addEventListener("visibilitychange", look);
}

const threshold = document.querySelector("[data-threshold]");
const would = document.querySelector("[data-would]");
let typing;

threshold?.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(async () => {
    const field = threshold.querySelector("input");
    try {
      const asked = field.value;
      const fresh = await part(`${threshold.dataset.threshold}?minutes=${encodeURIComponent(asked)}`);
      if (asked === field.value) would.innerHTML = fresh;
    } catch {
      // The button still asks.
    }
  }, 300);
});
would?.setAttribute("role", "status");
