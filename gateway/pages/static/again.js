// A page about something that runs looks again by itself, until nothing runs, it is hidden, or the reader stops it.
const running = document.querySelector("[data-again]");
if (running) {
  const stop = document.createElement("button");
  let stopped = sessionStorage.getItem("again") === "off";
  const show = () => { stop.textContent = stopped ? running.dataset.go : running.dataset.stop; };
  stop.type = "button";
  stop.className = "quiet";
  stop.addEventListener("click", () => {
    stopped = !stopped;
    sessionStorage.setItem("again", stopped ? "off" : "on");
    show();
  });
  show();
  running.append(stop);
  const seconds = Number(running.dataset.again);
  const renew = async () => {
    // Only what changed is put in place: the reader's focus and place on the page stay.
    if (!stopped && !document.hidden) {
      try {
        const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
        const next = fresh.querySelector("[data-again]");
        if (!answer.ok || !next) { location.reload(); return; }
        const [bar, newer] = [running.querySelector("progress"), next.querySelector("progress")];
        if (newer.hasAttribute("value")) { bar.max = 100; bar.value = newer.value; }
        running.querySelector("span").textContent = next.querySelector("span").textContent;
      } catch { /* the hub is away: look again later */ }
    }
    setTimeout(renew, seconds * 1000);
  };
  setTimeout(renew, seconds * 1000);
}
