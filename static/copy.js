// Copying a link in a sentence with one press. Without this script the button leads to a page that shows the sentence.

// Safari lets a page write to the clipboard only in the moment of the press, so it is promised what is still fetched.
async function copy(words) {
  if (window.ClipboardItem) {
    const promised = words.then((text) => new Blob([text], { type: "text/plain" }));
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": promised })]);
  } else await navigator.clipboard.writeText(await words);
}

async function fetched(form) {
  const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const words = page.querySelector("[data-words]");
  if (!words) throw new Error("refused");
  return words.value;
}

for (const form of document.querySelectorAll("form[data-copy]")) {
  const told = form.querySelector("[role=status]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    told.textContent = "";
    try {
      await copy(fetched(form));
      told.textContent = form.dataset.copied;
    } catch {
      form.submit(); // not allowed here, or refused: the page that follows shows the words, or says why not
    }
  });
}

for (const button of document.querySelectorAll("button[data-copies]")) {
  const words = document.getElementById(button.dataset.copies);
  button.hidden = false;
  button.addEventListener("click", async () => {
    words.select();
    try {
      await navigator.clipboard.writeText(words.value);
      button.nextElementSibling.textContent = button.dataset.copied;
    } catch {
      words.focus(); // they are selected: one more press by hand
    }
  });
}
