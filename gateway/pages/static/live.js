// Keeps an open page honest. While it is in sight it listens where <main> says (data-changes); told that
// something changed it reads itself again, and it closes when the session ends. Without this the page has
// a link to look again.
const main = document.querySelector("main");
const said = document.getElementById("live");
const words = { ...said.dataset };
let source, later;

const at = () => main.querySelector("[data-changes]")?.dataset.changes;

function stop() {
  clearTimeout(later);
  source?.close();
  source = undefined;
}

function listen() {
  stop();
  if (document.hidden || !at()) return;
  source = new EventSource(at());
  source.addEventListener("changed", renew);
  source.addEventListener("ending", () => say(words.ending, words.stay));
  source.addEventListener("ended", renew); // or it goes on under another word, after a step-up
  source.addEventListener("error", () => {
    // Closed = the hub will not have us now; what only broke off is taken up again by the browser.
    if (source?.readyState === EventSource.CLOSED) later = setTimeout(listen, 30000);
  });
}

function say(text, link) {
  said.replaceChildren(text);
  if (link) {
    const go = document.createElement("a");
    go.href = location.pathname + location.search;
    go.textContent = link;
    said.append(" ", go);
  }
}

async function renew() {
  stop();
  let answer;
  try {
    answer = await fetch(location.href, { headers: { "Hub-Unattended": "1" }, redirect: "manual" });
  } catch {
    later = setTimeout(renew, 2000);
    return;
  }
  if (answer.type === "opaqueredirect") return end();
  const next = new DOMParser().parseFromString(await answer.text(), "text/html");
  const open = new Set([...main.querySelectorAll("details[open] > summary")].map((one) => one.textContent));
  const inside = main.contains(document.activeElement);
  const near = document.activeElement?.getAttribute("href");
  document.title = next.title;
  main.className = next.querySelector("main").className;
  main.replaceChildren(...next.querySelector("main").childNodes);
  for (const one of main.querySelectorAll("details > summary")) {
    if (open.has(one.textContent)) one.parentElement.open = true;
  }
  if (inside) (main.querySelector(near ? `a[href="${CSS.escape(near)}"]` : "h1 a") ?? main).focus({ preventScroll: true });
  say(words.changed);
  listen();
}

function end() {
  stop();
  document.title = words.ended;
  const head = document.createElement("h1");
  head.textContent = words.ended;
  main.replaceChildren(head);
  say(words.ended, words.again);
}

document.addEventListener("visibilitychange", () => (document.hidden ? stop() : listen()));
addEventListener("pageshow", (event) => event.persisted && listen());
listen();
