// Reads the figures, draws everything, and draws again whenever the address or the width changes.

import { drawAlerts } from "./alerts.js";
import { drawCalendar } from "./calendar.js";
import { isOnPaper } from "./charts.js";
import { csvOf, rowsOf, save } from "./csv.js";
import { labelOf, readDataset } from "./dataset.js";
import { isoDay, shownDay } from "./dates.js";
import { drawDimensions } from "./dimensions.js";
import { plural, shownCount } from "./decimals.js";
import { byId, fill, make, say, visible, withWholeLists } from "./elements.js";
import { buildFilters, keptTogether, showFilters } from "./filters.js";
import { keepingFocus } from "./focus.js";
import { drawHeadline } from "./headline.js";
import { drawInteractions } from "./interactions.js";
import { drawOverTime } from "./over_time.js";
import { drawQuotas } from "./quotas.js";
import { drawRanking } from "./ranking.js";
import { drawMoney } from "./money.js";
import { MEMBERS, addressOf, inWords, selectionFrom } from "./selection.js";
import { builtAt, drawTrust } from "./trust.js";

function start() {
  showTheme();
  orFail(() => show(readDataset()))();
}

// Any error, at the start or with a choice, is shown as text instead of figures.
function orFail(work) {
  return (...given) => {
    try {
      work(...given);
    } catch (error) {
      byId("page").hidden = true;
      const state = byId("state");
      fill(
        state,
        make("p", { class: "state-title" }, "This page can't be shown"),
        make("p", {}, `Its figures can't be read (${error.message}). `, ...remedy()),
      );
      state.dataset.state = "error";
      state.hidden = false;
    }
  };
}

// A customer got its page from somebody who can make it again; its data may be too damaged to be read.
function remedy() {
  return /"tenantOnly":"/.test(byId("data").textContent)
    ? ["Ask whoever sent it for a new one."]
    : ["Make it again: ", make("code", {}, "credits run")];
}

function show(data) {
  const state = byId("state");
  say(
    "subtitle",
    `Made ${builtAt(data)}${data.last === null ? "" : `; usage ${[...new Set([data.first, data.last].map(shownDay))].join(" to ")}`}`,
  );
  if (data.tenantOnly !== null) nameTheTenant(data);
  drawFoot(data);
  if (data.last === null) {
    fill(
      state,
      make("p", { class: "state-title" }, "No usage yet"),
      make("p", {}, "This version holds no operations: usage shows here once records have landed."),
    );
    state.dataset.state = "empty";
    return;
  }
  run(data);
}

function run(data) {
  let { selection, notes } = selectionFrom(data, location.hash);
  let drawnFor = location.hash;
  const tell = (...said) => {
    notes = said;
    byId("note").hidden = notes.length === 0;
    say("note", notes.join(" "));
  };
  const choose = orFail((change, said = []) => {
    const shown = selection;
    selection = keptTogether(data, { ...selection, ...change });
    notes = said;
    // The back button undoes each choice; but dates come in pairs.
    const dated =
      shown.preset === null && selection.preset === null && MEMBERS.every((name) => shown[name] === selection[name]);
    const address = addressOf(data, selection);
    if (dated || address === location.hash) history.replaceState(null, "", address);
    else history.pushState(null, "", address);
    drawnFor = location.hash;
    redraw();
  });
  const redraw = orFail(() => keepingFocus(drawAll));
  const drawAll = () => {
    byId("state").hidden = true;
    byId("page").hidden = false;
    showFilters(data, selection);
    say("chosen", inWords(data, selection));
    drawHeadline(data, selection);
    drawMoney(data, selection);
    drawAlerts(data, selection, redraw);
    drawOverTime(data, selection, redraw);
    drawCalendar(data, selection);
    if (!data.tenantOnly) drawRanking(data, "tenant", selection, choose, redraw);
    drawRanking(data, "user", selection, choose, redraw);
    layMembers();
    drawDimensions(data, selection, redraw);
    drawQuotas(data, selection, redraw);
    drawInteractions(data, selection, choose, redraw);
    drawTrust(data, selection);
    tell(...notes);
    say(
      "said",
      `${inWords(data, selection)}: ${byId("kpi-credits").textContent} credits in ${byId("kpi-operations").textContent} ${byId("kpi-operations").dataset.exact === "1" ? "operation" : "operations"}.`,
    );
    document.documentElement.dataset.ready = String(Number(document.documentElement.dataset.ready ?? 0) + 1);
  };
  buildFilters(data, choose, tell);
  redraw();
  // Browsers differ in which of the two events a step back, or an address typed by hand, causes.
  for (const moved of ["popstate", "hashchange"]) {
    window.addEventListener(
      moved,
      orFail(() => {
        if (location.hash === drawnFor) return;
        drawnFor = location.hash;
        ({ selection, notes } = selectionFrom(data, location.hash));
        redraw();
      }),
    );
  }
  byId("skip").addEventListener("click", (event) => {
    // The address contains the selection: a jump to the figures must not change it.
    event.preventDefault();
    byId("main").focus();
  });
  document.addEventListener("click", ({ target }) => {
    const list = target.dataset?.csv;
    if (list === undefined) return;
    const rows = withWholeLists(redraw, () => rowsOf(byId(list).querySelector("table")));
    save(`credits-${list}-${isoDay(selection.from)}-${isoDay(selection.to)}.csv`, csvOf(rows));
  });
  for (const button of document.querySelectorAll(".unfold")) {
    button.addEventListener("click", () => {
      const open = button.closest(".card").toggleAttribute("data-open");
      button.setAttribute("aria-expanded", String(open));
      button.textContent = open ? "Hide" : "Show";
    });
  }
  byId("ids").addEventListener("click", () => {
    const shown = document.documentElement.toggleAttribute("data-ids");
    byId("ids").setAttribute("aria-pressed", String(shown));
  });
  byId("fold").addEventListener("click", () => {
    const open = byId("filters").toggleAttribute("data-open");
    byId("fold").setAttribute("aria-expanded", String(open));
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

// A list beside a much longer one would leave a hole: then each has the whole width.
const UNEVEN_ROWS = 4;

function layMembers() {
  const lengths = ["tenants", "users"].map((id) => byId(id)?.querySelectorAll("tr").length ?? 0);
  byId("members").classList.toggle("uneven", Math.abs(lengths[0] - lengths[1]) > UNEVEN_ROWS);
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

// Paper is white and narrower than most screens, so charts are drawn for it while printing.
function onPaper(redraw) {
  const paper = (on) => {
    document.documentElement.toggleAttribute("data-paper", on);
    showTheme();
    redraw();
  };
  window.addEventListener("beforeprint", () => paper(true));
  window.addEventListener("afterprint", () => paper(false));
}

// Like the system, until the reader chooses otherwise.
let askedTheme = null;

function isDark() {
  return askedTheme ? askedTheme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function showTheme() {
  document.documentElement.dataset.theme = isDark() && !isOnPaper() ? "dark" : "light";
  say("theme", isDark() ? "Light" : "Dark");
}

function nameTheTenant(data) {
  const tenant = data.tenants.find((known) => known.id === data.tenantOnly) ?? { id: data.tenantOnly, name: null };
  fill("title", "Corti credits: ", make("bdi", {}, labelOf(tenant)));
  document.title = visible(`Corti credits: ${labelOf(tenant)}`);
  byId("tenants-card").remove();
}

function drawFoot(data) {
  const notes = [
    `Version ${data.version}. Credits are exact to nine places and shown rounded; point at a figure to see all its places.`,
  ];
  notes.push(
    `Days are those of the customer's own time zone; unreported operations${data.tenantOnly ? "" : ", missing ones, capture coverage"} and reconciliation use UTC days.`,
  );
  if (data.byMonth) {
    notes.push(
      "This version is large: figures by customer and user are kept by month, and the period is made of whole months, the last one up to the last day with usage.",
    );
    const days = data.tenantOnly
      ? ""
      : ` Single days are kept for all customers together and for the ${shownCount(data.daysNamed)} with the most credits.`;
    notes.push(`${days}`.trim());
    if (data.folded.includes("user_id"))
      notes.push(
        `${plural(data.otherUsers, "user")} with the fewest credits ${data.otherUsers === 1 ? "is" : "are"} summed as other users, by customer; every sum includes them.`,
      );
    if (data.folded.includes("tenant_id"))
      notes.push("The customers with the fewest credits are summed as other customers; every sum includes them.");
  }
  if (data.folded.includes("kind"))
    notes.push("The kinds beyond the 40 with the most credits are summed as other kinds.");
  const unlisted = data.interactionCount - data.interactionIds.length;
  if (unlisted > 0)
    notes.push(
      `${plural(data.interactionIds.length, "interaction")} ${data.interactionIds.length === 1 ? "is" : "are"} listed: those with the most credits of all and of each customer. The other ${shownCount(unlisted)} ${unlisted === 1 ? "is" : "are"} in the sums, not in the list.`,
    );
  notes.push("Charts: Apache ECharts, under the Apache License 2.0.");
  fill("foot", ...notes.filter(Boolean).map((note) => make("p", {}, note)));
}

start();
