// GraphQL as text: its words, how they are laid out, and what may stand at a place. Knows no schema.

const WORD =
  /(#[^\n]*)|("""(?:\\"""|[^])*?(?:"""|$)|"(?:\\.|[^"\\\n])*"?)|(\$[_A-Za-z]\w*|\$)|(@[_A-Za-z]\w*|@)|([_A-Za-z]\w*)|(-?\d[\d.eE+-]*)|(\.\.\.)|([{}()[\]:=!|&])|([\s,\uFEFF]+)|([^])/g;
const KINDS = ["comment", "string", "variable", "directive", "name", "number", "spread", "mark", "space", "other"];
const OPERATIONS = { query: "Query", mutation: "Mutation" };

/** The words of a text: [{kind, text, at}]; together they are the text again. */
export function words(text) {
  return [...text.matchAll(WORD)].map((found) => ({
    kind: KINDS[found.slice(1).findIndex((part) => part !== undefined)],
    text: found[0],
    at: found.index,
  }));
}

/** The text as spans whose classes say what each word is. */
export function painted(text) {
  const sheet = document.createDocumentFragment();
  let last = null;
  for (const word of words(text)) {
    let kind = word.kind;
    if (kind === "name" && (word.text in OPERATIONS || word.text === "fragment" || (word.text === "on" && last === "..."))) kind = "keyword";
    if (["space", "mark", "name", "other"].includes(kind)) sheet.append(word.text);
    else {
      const span = document.createElement("span");
      span.className = `ink-${kind}`;
      span.textContent = word.text;
      sheet.append(span);
    }
    if (kind !== "space") last = word.text;
  }
  return sheet;
}

/** Laid out anew: a line for each field, two blanks for each level. Comments stay. */
export function formatted(text) {
  const all = words(text).filter((word) => word.kind !== "space" || word.text.includes("\n"));
  let out = "";
  let depth = 0;
  let inside = 0; // brackets in which everything stays on one line
  let last = null;
  const line = () => { out = `${out.replace(/[ \n]+$/, "")}\n${"  ".repeat(depth)}`; };
  all.forEach((word, place) => {
    const next = all.slice(place + 1).find((one) => one.kind !== "space");
    if (word.kind === "space") {
      if (!inside && next?.kind === "comment" && last && last.text !== "{") line();
      return;
    }
    const mark = word.text;
    if (word.kind === "comment") {
      if (out && !/\n *$/.test(out)) out += " ";
      out += mark.trimEnd();
      if (inside) out += `\n${"  ".repeat(depth + 1)}`;
      else line();
    } else if (mark === "{" && !inside) {
      depth += 1;
      if (out && !/[\n ]$/.test(out)) out += " ";
      out += "{";
      line();
    } else if (mark === "}" && !inside) {
      depth = Math.max(0, depth - 1);
      line();
      out += "}";
      if (depth === 0) out += "\n\n";
      else line();
    } else if ("([{".includes(mark)) {
      if (mark === "{" && /[\w:,]$/.test(out)) out += " ";
      else if (last && (last.text === ":" || last.text === "=")) out = out.endsWith(" ") ? out : `${out} `;
      inside += 1;
      out += mark;
    } else if (")]}".includes(mark)) {
      inside = Math.max(0, inside - 1);
      out += mark;
    } else if (mark === ":" || mark === "!") out += mark;
    else {
      const opens = last && "([{".includes(last.text) && inside;
      const joined = last && [":", "=", "|", "&"].includes(last.text);
      if (mark === "=") out += " =";
      else if (opens) out += mark;
      else if (joined) out += ` ${mark}`;
      else if (inside) out += `${/^[$\w"-]/.test(mark) && last && !/\s$/.test(out) && word.kind !== "directive" ? ", " : " "}${mark}`;
      else if (depth && word.kind !== "directive" && last && !["...", "on"].includes(last.text)) { line(); out += mark; }
      else if (last?.text === "..." && mark !== "on") out += mark;
      else out += `${/[\s]$/.test(out) || !out ? "" : " "}${mark}`;
    }
    last = word;
  });
  return `${out.trim()}\n`;
}

/**
 * What may stand at a place: {way, from, to, word}. `kind` says what: "field", "argument", "value", "type",
 * "variable" or null. `way` leads there: [{type: "Query"}, {field: "clients"}, {argument: "where"}].
 */
export function placeAt(text, caret) {
  const frames = [];
  let pending = { type: "Query" };
  let last = null;
  let key = null;
  let current = null;
  for (const word of words(text)) {
    if (word.at >= caret) break;
    if (word.at + word.text.length >= caret && ["name", "variable", "comment", "string", "number"].includes(word.kind)) {
      current = word;
      break;
    }
    if (word.kind === "space" || word.kind === "comment") continue;
    const frame = frames.at(-1);
    const mark = word.text;
    if (mark === "{" || mark === "(" || mark === "[") {
      const list = mark === "[";
      if (!frame) frames.push(mark === "{" ? { kind: "field", way: [pending] } : { kind: "definition", way: [] });
      else if (frame.kind === "field" && mark === "{") frames.push({ kind: "field", way: pending ? [...frame.way, pending] : frame.way });
      else if (frame.kind === "field") frames.push(last?.kind === "directive" || !pending ? { kind: "other", way: [] } : { kind: "argument", way: [...frame.way, pending] });
      else if (frame.kind === "argument") frames.push(list ? { kind: "argument", list: key, way: frame.way } : { kind: "argument", way: key || frame.list ? [...frame.way, { argument: key ?? frame.list }] : frame.way });
      else frames.push({ ...frame });
      if (mark !== "[") key = null;
    } else if (mark === "}" || mark === ")" || mark === "]") {
      const gone = frames.pop();
      if (gone?.kind === "argument" && mark === ")") pending = gone.way.at(-1);
      if (!frames.length && mark === "}") pending = { type: "Query" };
      key = null;
    } else if (!frame) {
      if (mark in OPERATIONS) pending = { type: OPERATIONS[mark] };
      else if (last?.text === "on") pending = { type: mark };
    } else if (frame.kind === "field") {
      if (last?.text === "..." && mark === "on") pending = null;
      else if (last?.text === "on" && pending === null) pending = { type: mark };
      else if (last?.text !== "..." && word.kind === "name") pending = { field: mark };
      else if (mark === "...") pending = null;
    } else if (frame.kind === "argument") {
      if (mark === ":") key = last?.text ?? null;
      else if (last?.text === ":") key = null;
    }
    last = word;
  }
  const from = current ? current.at : caret;
  const found = { kind: null, way: [], from, to: caret, word: current ? text.slice(from, caret) : "" };
  if (current && ["comment", "string", "number"].includes(current.kind)) return found;
  const frame = frames.at(-1);
  if (current?.kind === "variable") return { ...found, kind: "variable" };
  if (last?.text === "on") return { ...found, kind: "type" };
  if (!frame) return found;
  if (frame.kind === "field") return { ...found, kind: "field", way: frame.way };
  if (frame.kind === "definition") return { ...found, kind: last?.text === ":" || last?.text === "[" ? "type" : null };
  if (frame.kind !== "argument") return found;
  if (frame.list) return { ...found, kind: "value", way: [...frame.way, { argument: frame.list }] };
  if (last?.text === ":") return { ...found, kind: "value", way: [...frame.way, { argument: key }] };
  return { ...found, kind: "argument", way: frame.way };
}

/** The variables of an operation, null = of the first: [{name, type, of, isList}]. */
export function variablesOf(text, operation) {
  const all = words(text).filter((word) => word.kind !== "space" && word.kind !== "comment");
  let from = -1;
  all.forEach((word, place) => {
    const named = all[place + 1]?.kind === "name" ? all[place + 1].text : null;
    if (from < 0 && word.text in OPERATIONS && (!operation || named === operation)) from = place + (named ? 2 : 1);
  });
  const found = [];
  if (from < 0 || all[from]?.text !== "(") return found;
  for (let place = from + 1; place < all.length && all[place].text !== ")"; place += 1) {
    if (all[place].kind !== "variable" || all[place + 1]?.text !== ":") continue;
    let type = "";
    for (place += 2; place < all.length && /^[[\]!]$|^[_A-Za-z]/.test(all[place].text); place += 1) type += all[place].text;
    const name = all.slice(0, place).findLast((word) => word.kind === "variable").text.slice(1);
    found.push({ name, type, of: type.replace(/[[\]!]/g, ""), isList: type.includes("[") });
    place -= 1;
  }
  return found;
}
