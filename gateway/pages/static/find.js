// Looks people up while somebody types. The form works without it: this sends the same form, and puts the
// same list in its place. What is typed travels in bodies alone.

const form = document.getElementById("find");
const found = document.getElementById("found");
const said = document.getElementById("said");
const PAUSE = 300; // milliseconds without a key

let waiting;
let asking;
let shown = sent();

function sent() {
  return new URLSearchParams(new FormData(form)).toString();
}

// Whether the list is what the form asks for now.
async function look() {
  const body = sent();
  if (body === shown) return true;
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  found.setAttribute("aria-busy", "true");
  try {
    const headers = { "X-Part": "found", "Content-Type": "application/x-www-form-urlencoded" };
    const answer = await fetch(form.action, { method: "POST", body, headers, signal, redirect: "manual" });
    if (!answer.ok) return false; // nobody is signed in any more, say
    const list = await answer.text();
    found.innerHTML = list;
    shown = body;
    said.textContent = found.firstElementChild.dataset.said;
    return true;
  } catch (problem) {
    return problem.name === "AbortError"; // then what was typed since is asked for
  } finally {
    if (!signal.aborted) found.removeAttribute("aria-busy");
  }
}

form.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(look, PAUSE);
});
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  clearTimeout(waiting);
  if (!(await look())) form.submit(); // the page says what is wrong
});
