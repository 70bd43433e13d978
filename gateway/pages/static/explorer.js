// Comforts of the explorer: colours, suggestions, layout, variables, the schema beside it, and answers that
// fold. All of it also works without. Nothing is kept beyond the page: variables may hold names.

const form = document.querySelector("#ask");
const { words, painted, formatted, placeAt, variablesOf } = await import(form.dataset.language);

const editor = form.querySelector("#f-document");
const variables = form.querySelector("#f-variables");
const ink = form.querySelector(".ink");
const offers = form.querySelector("#offers");
const heard = form.querySelector("#heard");
const outcome = document.querySelector("#outcome");
const MOST_OFFERS = 12;
const MOST_NODES = 4000;

function made(name, text, more = {}) {
  const node = document.createElement(name);
  if (text !== null) node.textContent = text;
  return Object.assign(node, more);
}

// ---- the schema, type by type

const known = new Map();

function typeOf(name) {
  if (!known.has(name)) {
    const asked = fetch(`/api/${encodeURIComponent(name)}.json`)
      .then((answer) => (answer.ok && !answer.redirected ? answer.json() : null))
      .catch(() => null);
    known.set(name, asked);
  }
  return known.get(name);
}

/** Where a way through a document leads: the type's name, and the field or argument that it ends with. */
async function followed(way) {
  let type = null;
  let member = null;
  for (const step of way) {
    if (step.type) [type, member] = [step.type, null];
    else {
      const places = step.argument && member?.arguments ? member.arguments : (await typeOf(type))?.members;
      member = places?.find((one) => one.name === (step.field ?? step.argument)) ?? null;
      if (!member) return [null, null];
      type = member.of;
    }
  }
  return [type, member];
}

async function possible(place) {
  const [type, member] = await followed(place.way);
  switch (place.kind) {
    case "field":
      return type ? [...((await typeOf(type))?.members ?? []), { name: "__typename", about: "", type: "String!" }] : [];
    case "argument":
      return place.way.at(-1)?.argument ? ((await typeOf(type))?.members ?? []) : (member?.arguments ?? []);
    case "value":
      if (type === "Boolean") return [{ name: "true", about: "" }, { name: "false", about: "" }];
      return (await typeOf(type))?.kind === "enum" ? (await typeOf(type)).members : [];
    case "variable":
      return variablesOf(editor.value, null).map((one) => ({ name: `$${one.name}`, about: "", type: one.type }));
    default:
      return [];
  }
}

// ---- the editor

function paint() {
  ink.replaceChildren(painted(editor.value), "\n");
  follow();
}

function follow() {
  ink.scrollTop = editor.scrollTop;
  ink.scrollLeft = editor.scrollLeft;
}

/** Put a text in a place of the editor, so that undoing takes it back. */
function put(text, from, to) {
  editor.focus();
  editor.setSelectionRange(from, to);
  const said = text ? document.execCommand("insertText", false, text) : document.execCommand("delete");
  if (!said) {
    editor.setRangeText(text, from, to, "end");
    paint();
  }
}

let offered = [];
let chosen = -1;
let place = null;
let turn = 0;

function hide() {
  turn += 1;
  offers.hidden = true;
  offered = [];
  chosen = -1;
  editor.removeAttribute("aria-activedescendant");
  heard.textContent = "";
}

function choose(number) {
  chosen = (number + offered.length) % offered.length;
  [...offers.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === chosen)));
  offers.children[chosen].scrollIntoView({ block: "nearest" });
  editor.setAttribute("aria-activedescendant", offers.children[chosen].id);
}

async function offer(isAsked) {
  const now = (turn += 1);
  place = placeAt(editor.value, editor.selectionStart);
  if (editor.selectionStart !== editor.selectionEnd || (!isAsked && !place.word)) return hide();
  const wanted = place.word.toLowerCase();
  const all = await possible(place);
  if (now !== turn) return;
  const begin = all.filter((one) => one.name.toLowerCase().startsWith(wanted));
  const inside = wanted ? all.filter((one) => !begin.includes(one) && one.name.toLowerCase().includes(wanted)) : [];
  offered = [...begin, ...inside].slice(0, isAsked ? 60 : MOST_OFFERS);
  if (!offered.length || (offered.length === 1 && offered[0].name === place.word)) return hide();
  offers.replaceChildren(
    ...offered.map((one, at) => {
      const item = made("li", null, { id: `offer-${at}` });
      item.setAttribute("role", "option");
      item.append(made("b", one.name), " ", made("code", one.type ?? ""), one.needs ? made("i", ` ${one.needs}`) : "", made("small", one.about));
      item.addEventListener("pointerdown", (event) => { event.preventDefault(); choose(at); take(); });
      return item;
    }),
  );
  const before = editor.value.slice(0, place.from);
  const line = before.split("\n").length;
  const column = place.from - before.lastIndexOf("\n") - 1;
  offers.hidden = false;
  // Through the object model: the policy forbids styles in markup, and allows these.
  const size = parseFloat(getComputedStyle(editor).lineHeight);
  offers.style.top = `${Math.min(line * size + 12 - editor.scrollTop, editor.clientHeight)}px`;
  const room = editor.clientWidth - offers.offsetWidth;
  offers.style.left = `${Math.max(0, Math.min(column * size * 0.4 - editor.scrollLeft, room))}px`;
  heard.textContent = `${offered.length} ${form.dataset.offers}`;
  choose(0);
}

function take() {
  const one = offered[chosen];
  const at = place;
  if (!one) return;
  let text = one.name;
  let back = 0;
  const rest = editor.value.slice(at.to);
  if (at.kind === "argument" && !/^\s*:/.test(rest)) text += ": ";
  if (at.kind === "field" && one.leaf === false && !/^\s*[{(]/.test(rest)) {
    const pad = " ".repeat(/[^\n]*$/.exec(editor.value.slice(0, at.from))[0].search(/\S|$/));
    const needed = (one.arguments ?? []).filter((given) => given.required).map((given) => `${given.name}: `);
    text += `${needed.length ? `(${needed.join(", ")})` : ""} {\n${pad}  \n${pad}}`;
    back = pad.length + 2;
  }
  hide();
  put(text, at.from, at.to);
  editor.setSelectionRange(editor.selectionStart - back, editor.selectionStart - back);
}

const PAIRS = { "{": "}", "(": ")", "[": "]" };

function typed(event) {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    event.preventDefault();
    hide();
    form.requestSubmit(form.querySelector("button[value=run]"));
    return;
  }
  if (event.target !== editor || event.isComposing) return;
  if (event.ctrlKey && event.key === " ") {
    event.preventDefault();
    offer(true);
    return;
  }
  if (!offers.hidden) {
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves) { event.preventDefault(); choose(chosen + moves[event.key]); return; }
    if (event.key === "Enter") { event.preventDefault(); take(); return; }
    if (event.key === "Escape") { event.preventDefault(); hide(); return; }
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const { selectionStart: from, selectionEnd: to, value } = editor;
  const next = value[to] ?? "";
  if (event.key in PAIRS && (next === "" || /[\s)\]}]/.test(next))) {
    event.preventDefault();
    put(event.key + value.slice(from, to) + PAIRS[event.key], from, to);
    editor.setSelectionRange(from + 1, to + 1);
  } else if (Object.values(PAIRS).includes(event.key) && next === event.key && from === to) {
    event.preventDefault();
    editor.setSelectionRange(to + 1, to + 1);
  } else if (event.key === "Enter") {
    event.preventDefault();
    const line = /[^\n]*$/.exec(value.slice(0, from))[0];
    const pad = /^ */.exec(line)[0];
    const opens = /[{([]\s*$/.test(line);
    const closes = opens && /^[})\]]/.test(value.slice(to));
    put(`\n${pad}${opens ? "  " : ""}${closes ? `\n${pad}` : ""}`, from, to);
    if (closes) editor.setSelectionRange(editor.selectionStart - pad.length - 1, editor.selectionStart - pad.length - 1);
  }
}

editor.addEventListener("input", (event) => {
  paint();
  if (event.inputType?.startsWith("insertText") && /[\w$]$/.test(event.data ?? "")) offer(false);
  else hide();
});
editor.addEventListener("scroll", follow);
editor.addEventListener("blur", hide);
form.addEventListener("keydown", typed);
form.querySelector("#tidy").addEventListener("click", () => put(formatted(editor.value), 0, editor.value.length));

// ---- variables

const SAMPLES = { Int: 1, Float: 1, Boolean: true, Date: "2026-01-31", DateTime: "2026-01-31T12:00:00Z" };

async function sample(type, of, above) {
  if (type.includes("[")) return [await sample(of, of, above)];
  if (of in SAMPLES) return SAMPLES[of];
  const told = await typeOf(of);
  if (told?.kind === "enum") return told.members[0].name;
  if (told?.kind !== "input") return "";
  if (above.includes(of)) return {};
  const needed = told.members.filter((one) => one.required);
  const found = {};
  for (const one of needed.length ? needed : told.members.slice(0, 1)) found[one.name] = await sample(one.type, one.of, [...above, of]);
  return found;
}

form.querySelector("#fill").addEventListener("click", async () => {
  let given = {};
  try { given = JSON.parse(variables.value || "{}"); } catch { /* what is there stays in nothing */ }
  const found = {};
  for (const one of variablesOf(editor.value, form.elements.operation.value)) {
    found[one.name] = given?.[one.name] ?? (await sample(one.type, one.of, []));
  }
  variables.value = JSON.stringify(found, null, 2);
  variables.focus();
});

// ---- running

let isRunning = false;

form.addEventListener("submit", async (event) => {
  const doing = event.submitter?.value;
  if (!["run", "check", "register"].includes(doing)) return;
  event.preventDefault();
  if (isRunning) return;
  isRunning = true;
  hide();
  const sent = new URLSearchParams(new FormData(form));
  sent.set("do", doing);
  outcome.setAttribute("aria-busy", "true");
  outcome.replaceChildren(made("p", form.dataset.running, { role: "status" }));
  try {
    const answer = await fetch("/explorer", { method: "POST", body: sent });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (answer.redirected) throw form.dataset.lost;
    // Another page came: what it says stands in the place of an outcome.
    const found = page.querySelector("#outcome") ?? page.querySelector("main");
    if (!found) throw form.dataset.failed;
    for (const title of found.querySelectorAll("h1")) title.replaceWith(made("h2", title.textContent));
    outcome.replaceChildren(...found.childNodes);
    for (const field of [editor, variables]) {
      const wrong = page.querySelector(`#e-${field.name}`);
      field.toggleAttribute("aria-invalid", false);
      if (page.querySelector(`#${field.id}`)?.getAttribute("aria-invalid")) field.setAttribute("aria-invalid", "true");
      form.querySelector(`#e-${field.name}`)?.remove();
      if (wrong) field.closest(".field").append(wrong);
    }
    dress();
    outcome.scrollIntoView({ block: "nearest" });
  } catch (fault) {
    const said = typeof fault === "string" ? fault : form.dataset.failed;
    outcome.replaceChildren(made("p", said, { className: "notice bad", role: "alert" }));
  }
  outcome.removeAttribute("aria-busy");
  isRunning = false;
});

/** What came: places in the document become buttons, and objects of the answer fold. */
function dress() {
  for (const at of outcome.querySelectorAll(".at")) {
    const button = made("button", at.textContent, { type: "button", className: "quiet" });
    button.addEventListener("click", () => {
      const lines = editor.value.split("\n");
      const line = Number(at.dataset.line);
      const from = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0) + Number(at.dataset.column) - 1;
      editor.focus();
      editor.setSelectionRange(from, from + (/^\w*/.exec(editor.value.slice(from))[0].length || 1));
    });
    at.replaceWith(button);
  }
  for (const line of outcome.querySelectorAll("pre.copy")) {
    const button = made("button", form.dataset.copy, { type: "button", className: "quiet" });
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(line.textContent);
      button.textContent = form.dataset.copied;
    });
    line.after(button);
  }
  const answer = outcome.querySelector("pre.json");
  if (answer) {
    let nodes = 0;
    const isMuch = () => (nodes += 1) > MOST_NODES;
    const tree = folding(JSON.parse(answer.textContent), null, "", isMuch);
    if (nodes <= MOST_NODES) answer.replaceChildren(tree);
  }
}

/** A value of JSON; objects and lists that hold something fold. */
function folding(value, key, after, isMuch) {
  const name = key === null ? [] : [made("span", JSON.stringify(key), { className: "ink-name" }), ": "];
  const isList = Array.isArray(value);
  const inside = value !== null && typeof value === "object" ? Object.entries(value) : [];
  if (isMuch() || !inside.length) {
    const row = made("div", null);
    const kind = value === null ? "other" : typeof value;
    row.append(...name, made("span", JSON.stringify(value), { className: `ink-${kind}` }), after);
    return row;
  }
  const [open, close] = isList ? "[]" : "{}";
  const fold = made("details", null, { open: true });
  const head = made("summary", null);
  head.append(...name, open, made("span", ` ${inside.length} `, { className: "count" }), made("span", `${close}${after}`, { className: "count" }));
  const body = made("div", null, { className: "inside" });
  inside.forEach(([of, one], at) => body.append(folding(one, isList ? null : of, at < inside.length - 1 ? "," : "", isMuch)));
  fold.append(head, body, made("div", `${close}${after}`));
  return fold;
}

// ---- the schema beside it

const browser = document.querySelector("#browser");
const trail = [];

async function show(name, isBack = false) {
  const told = await typeOf(name);
  if (!told) return;
  if (!isBack) trail.push(name);
  const title = made("p", null, { className: "where" });
  if (trail.length > 1) {
    const back = made("button", browser.dataset.back, { type: "button", className: "quiet" });
    back.addEventListener("click", () => { trail.pop(); show(trail.at(-1), true).then(() => browser.querySelector("button")?.focus()); });
    title.append(back, " ");
  }
  title.append(made("a", name, { href: trail.length > 1 ? `/api/${name}` : "/api" }));
  if (trail.length === 1) {
    const other = name === "Query" ? "Mutation" : "Query";
    const change = made("button", other, { type: "button", className: "quiet" });
    change.addEventListener("click", () => { trail.pop(); show(other); });
    title.append(" ", change);
  }
  const list = made("ul", null, { className: "plain-links" });
  for (const one of told.members) {
    const item = made("li", null);
    const insert = made("button", one.name, { type: "button", className: "quiet", title: one.about });
    insert.setAttribute("aria-label", `${browser.dataset.insert} ${one.name}`);
    insert.addEventListener("click", () => put(one.name, editor.selectionStart, editor.selectionEnd));
    item.append(insert);
    if (one.of && one.leaf === false) {
      const open = made("button", one.type, { type: "button", className: "quiet type" });
      open.setAttribute("aria-label", `${browser.dataset.open} ${one.of}`);
      open.addEventListener("click", () => show(one.of).then(() => browser.querySelector("button")?.focus()));
      item.append(open);
    } else if (one.type) item.append(made("code", one.type, { className: "soft" }));
    if (one.needs) item.append(made("span", `${browser.dataset.needs} ${one.needs}`, { className: "badge" }));
    list.append(item);
  }
  browser.replaceChildren(browser.querySelector("h2"), title, list);
  browser.hidden = false;
}

for (const node of form.querySelectorAll(".with-script")) node.hidden = false;
form.querySelector(".editor").classList.add("painted");
editor.setAttribute("aria-autocomplete", "list");
editor.setAttribute("aria-controls", "offers");
paint();
dress();
show("Query");
