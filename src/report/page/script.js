// What a page gains where scripts run: columns sort, long tables filter, figures lead to rows.
(() => {
  "use strict";
  const words = document.body.dataset;
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

  // A body of a table is one row with what belongs to it; short tables have all rows in one body.
  const entries = (table) => {
    const bodies = [...table.tBodies];
    return bodies.length > 1 ? bodies : bodies.flatMap((body) => [...body.rows]);
  };
  const cell = (entry, column) => (entry.rows ? entry.rows[0] : entry).cells[column];
  const value = (entry, column) => {
    const found = cell(entry, column);
    if (!found) return null;
    if (found.dataset.value !== undefined) return found.dataset.value === "" ? null : Number(found.dataset.value);
    const text = found.textContent.trim();
    return text === "" ? null : text;
  };
  const compare = (a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), document.documentElement.lang);

  const sort = (table, heading, column) => {
    const down = heading.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const rows = entries(table).map((entry) => [value(entry, column), entry]);
    // What is empty stands last either way.
    rows.sort(([a], [b]) => (a === null ? (b === null ? 0 : 1) : b === null ? -1 : down ? compare(b, a) : compare(a, b)));
    for (const [, entry] of rows) {
      for (const row of entry.rows ?? [entry]) row.classList.remove("again", "first");
      entry.parentNode.append(entry);
    }
  };

  for (const table of document.querySelectorAll("table.data[data-sort]")) {
    [...table.tHead.rows[0].cells].forEach((heading, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.title = words.sort;
      button.append(...heading.childNodes);
      button.addEventListener("click", () => sort(table, heading, column));
      heading.append(button);
    });
  }

  const filters = new Map();
  for (const table of document.querySelectorAll("table.data[data-filter]")) {
    const tools = document.createElement("div");
    tools.className = "tools";
    const label = document.createElement("label");
    label.append(words.filter + " ");
    const input = document.createElement("input");
    input.className = "filter";
    input.type = "search";
    label.append(input);
    const all = document.createElement("button");
    all.type = "button";
    all.hidden = true;
    all.textContent = words.all;
    const status = document.createElement("span");
    status.setAttribute("role", "status");
    tools.append(label, all, status);
    table.closest(".wide").before(tools);
    let where = {};
    const apply = () => {
      const text = input.value.trim().toLocaleLowerCase();
      let shown = 0;
      const list = entries(table);
      for (const entry of list) {
        const row = entry.rows ? entry.rows[0] : entry;
        const fits = Object.entries(where).every(([key, wanted]) => row.dataset[key] === wanted);
        entry.hidden = !(fits && row.textContent.toLocaleLowerCase().includes(text));
        if (!entry.hidden) shown += 1;
      }
      const narrowed = text !== "" || Object.keys(where).length > 0;
      for (const entry of list) for (const row of entry.rows ?? [entry]) row.classList.toggle("plain", narrowed);
      all.hidden = !narrowed;
      status.textContent = narrowed ? fill(words.shown, { n: shown, all: list.length }) : "";
    };
    input.addEventListener("input", () => { apply(); });
    all.addEventListener("click", () => { input.value = ""; where = {}; apply(); input.focus(); });
    filters.set(table.id, (wanted) => { where = wanted; input.value = ""; apply(); });
  }

  // A figure leads to the rows behind it: those on the page where they are here, and how to ask
  // the data files for all of them.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.rows");
    if (!link) return;
    const sql = document.getElementById("rows-sql");
    if (sql && link.dataset.sql) {
      sql.textContent = link.dataset.sql;
      document.getElementById("rows-of").textContent = link.getAttribute("aria-label") ?? "";
    }
    const list = link.dataset.list;
    if (list && filters.has(list)) {
      filters.get(list)(JSON.parse(link.dataset.where));
    }
  });

  // What is folded away is printed as well.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details.print:not([open])")];
    for (const details of opened) details.open = true;
  });
  addEventListener("afterprint", () => { for (const details of opened) details.open = false; });
})();
