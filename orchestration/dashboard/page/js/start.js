// Reads the figures, draws everything, and draws again whenever the address or the width changes.

function start() {
  showTheme();
  const state = byId("state");
  let data;
  try {
    data = readDataset();
  } catch (error) {
    fill(state, make("p", { class: "state-title" }, "This page can't be shown"), make("p", {}, `Its figures can't be read (${error.message}). Make it again: `, make("code", {}, "credits run")));
    state.dataset.state = "error";
    return;
  }
  say("subtitle", `Made ${builtAt(data)}${data.last === null ? "" : `; usage ${[...new Set([data.first, data.last].map(data.byMonth ? shownMonth : shownDay))].join(" to ")}`}`);
  if (data.tenantOnly !== null) nameTheTenant(data);
  drawFoot(data);
  if (data.last === null) {
    fill(state, make("p", { class: "state-title" }, "No usage yet"), make("p", {}, "This version holds no operations: usage shows here once records have landed."));
    state.dataset.state = "empty";
    return;
  }
  state.hidden = true;
  byId("page").hidden = false;
  run(data);
}

function run(data) {
  let { selection, unknown } = selectionFrom(data, location.hash);
  const choose = (change) => {
    selection = keptTogether(data, { ...selection, ...change });
    unknown = [];
    history.replaceState(null, "", addressOf(data, selection));
    redraw();
  };
  const redraw = () => keepingFocus(drawAll);
  const drawAll = () => {
    showFilters(data, selection);
    say("chosen", inWords(data, selection));
    drawHeadline(data, selection);
    drawOverTime(data, selection);
    if (!data.tenantOnly) drawRanking(data, "tenant", selection, choose, redraw);
    drawRanking(data, "user", selection, choose, redraw);
    drawCalendar(data, selection);
    drawQuotas(data, selection, redraw);
    drawInteractions(data, selection, choose, redraw);
    drawTrust(data, selection);
    byId("note").hidden = unknown.length === 0;
    say("note", unknown.length ? `The address names a ${unknown.join(" and a ")} that this version does not have.` : "");
    say("said", `${inWords(data, selection)}: ${byId("kpi-credits").textContent} credits in ${byId("kpi-operations").textContent} ${byId("kpi-operations").dataset.exact === "1" ? "operation" : "operations"}.`);
    document.documentElement.dataset.ready = String(Number(document.documentElement.dataset.ready ?? 0) + 1);
  };
  buildFilters(data, choose);
  redraw();
  window.addEventListener("hashchange", () => {
    ({ selection, unknown } = selectionFrom(data, location.hash));
    redraw();
  });
  byId("skip").addEventListener("click", (event) => {
    // The address is the selection's: going to the figures must not change it.
    event.preventDefault();
    byId("main").focus();
  });
  byId("theme").addEventListener("click", () => {
    askedTheme = isDark() ? "light" : "dark";
    showTheme();
    redraw();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    showTheme();
    redraw();
  });
  byId("print").addEventListener("click", () => window.print());
  onWidth(redraw);
  onPaper(redraw);
}

function onWidth(redraw) {
  let width = document.documentElement.clientWidth;
  let waiting = null;
  window.addEventListener("resize", () => {
    if (document.documentElement.clientWidth === width) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      width = document.documentElement.clientWidth;
      redraw();
    }, 120);
  });
}

// Paper is white and narrower than most screens: charts are drawn for it while it is printed.
function onPaper(redraw) {
  const paper = (on) => {
    document.documentElement.toggleAttribute("data-paper", on);
    showTheme();
    redraw();
  };
  window.addEventListener("beforeprint", () => paper(true));
  window.addEventListener("afterprint", () => paper(false));
}

// As the system has it, until the reader says otherwise.
let askedTheme = null;

function isDark() {
  return askedTheme ? askedTheme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function showTheme() {
  document.documentElement.dataset.theme = isDark() && !isOnPaper() ? "dark" : "light";
  say("theme", isDark() ? "Light" : "Dark");
}

function nameTheTenant(data) {
  const tenant = data.tenants.find((each) => each.id === data.tenantOnly) ?? { id: data.tenantOnly, name: null };
  fill("title", "Corti credits: ", make("bdi", {}, labelOf(tenant)));
  document.title = visible(`Corti credits: ${labelOf(tenant)}`);
  byId("tenants-card").remove();
}

function drawFoot(data) {
  const notes = [`Version ${data.version}. Credits are exact to nine places and shown rounded; a figure says all its places when it is pointed at.`];
  notes.push(`Days are those of the customer's own time zone; unreported operations${data.tenantOnly ? "" : ", missing ones and capture coverage"} go by UTC.`);
  if (data.byMonth) {
    notes.push("This version is large: figures by customer and user are kept by month, and the period is made of whole months.");
    const days = data.tenantOnly ? "" : ` Single days are kept for all customers together and for the ${shownCount(data.daysNamed)} with the most credits.`;
    notes.push(`${days}`.trim());
    if (data.folded.includes("user_id")) notes.push(`${plural(data.otherUsers, "user")} with the fewest credits ${data.otherUsers === 1 ? "is" : "are"} put together as other users, by customer; every sum includes them.`);
    if (data.folded.includes("tenant_id")) notes.push("The customers with the fewest credits are put together as other customers; every sum includes them.");
  }
  if (data.folded.includes("kind")) notes.push("The kinds beyond the 40 with the most credits are put together as other kinds.");
  const unlisted = data.interactionCount - data.interactionIds.length;
  if (unlisted > 0) notes.push(`${plural(data.interactionIds.length, "interaction")} ${data.interactionIds.length === 1 ? "is" : "are"} listed: those with the most credits of all and of each customer. The other ${shownCount(unlisted)} ${unlisted === 1 ? "is" : "are"} in the sums, not in the list.`);
  notes.push("Charts: Apache ECharts, under the Apache License 2.0.");
  fill("foot", ...notes.filter(Boolean).map((note) => make("p", {}, note)));
}

start();
