// While somebody types into the search, the lists of the page show what fits. Enter searches descriptions, too.
const search = document.querySelector("#f-q");
const items = [...document.querySelectorAll("#everything li")];
const cards = document.querySelectorAll("main > .card, main > nav");
const sections = [...document.querySelectorAll("#everything section")];

search?.addEventListener("input", () => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const item of items) {
    const text = item.textContent.toLowerCase();
    item.hidden = !words.every((word) => text.includes(word));
  }
  for (const card of cards) card.hidden = words.length > 0;
  for (const section of sections) section.hidden = !section.querySelector("li:not([hidden])");
});
