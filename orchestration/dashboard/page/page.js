(() => {
  // js/decimals.js
  var ONE = 1000000000n;
  var NO_FIGURE = "–";
  function exactOf(text) {
    if (text === "") return 0n;
    const negative = text[0] === "-";
    const [whole, places = ""] = (negative ? text.slice(1) : text).split(".");
    const value = BigInt(whole) * ONE + BigInt(places.padEnd(9, "0"));
    return negative ? -value : value;
  }
  function exactText(value) {
    const size = value < 0n ? -value : value;
    return `${value < 0n ? "-" : ""}${size / ONE}.${String(size % ONE).padStart(9, "0")}`;
  }
  var AMOUNT_PLACES = 21;
  var CURRENCY_PLACES = 2;
  function amountOf(text) {
    const [whole, places = ""] = text.replace("-", "").split(".");
    const value = BigInt(whole + places.padEnd(AMOUNT_PLACES, "0"));
    return text.startsWith("-") ? -value : value;
  }
  function amountText(value) {
    const digits = String(value < 0n ? -value : value).padStart(AMOUNT_PLACES + 1, "0");
    const places = digits.slice(-AMOUNT_PLACES).replace(/0+$/, "");
    return `${value < 0n ? "-" : ""}${digits.slice(0, -AMOUNT_PLACES)}${places ? `.${places}` : ""}`;
  }
  function shownAmount(value, currency) {
    const nine = divided(value, 10n ** BigInt(AMOUNT_PLACES - 9));
    return shownCredits(nine, placesOf(currency));
  }
  function placesOf(currency) {
    try {
      return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits;
    } catch {
      return CURRENCY_PLACES;
    }
  }
  function divided(part, whole) {
    const sign = part < 0n !== whole < 0n ? -1n : 1n;
    const [over, under] = [part < 0n ? -part : part, whole < 0n ? -whole : whole];
    return sign * ((over * 2n + under) / (under * 2n));
  }
  function grouped(digits) {
    return digits.replace(/\B(?=(\d{3})+$)/g, ",");
  }
  function shownCredits(value, places = 2) {
    const unit = 10n ** BigInt(9 - places);
    if (value !== 0n && (value < 0n ? -value : value) < unit / 2n)
      return `${value < 0n ? ">−" : "<"}${places ? `0.${"0".repeat(places - 1)}1` : "1"}`;
    const rounded = divided(value, unit);
    const size = String(rounded < 0n ? -rounded : rounded).padStart(places + 1, "0");
    const whole = grouped(size.slice(0, size.length - places));
    return `${rounded < 0n ? "−" : ""}${whole}${places ? "." + size.slice(-places) : ""}`;
  }
  function shownCount(value) {
    return grouped(String(value));
  }
  function placesFor(largest) {
    return largest >= 1000000n * ONE ? 0 : 2;
  }
  function plural(count, noun) {
    return `${shownCount(count)} ${noun}${count === 1 ? "" : "s"}`;
  }
  function shownShare(part, whole) {
    if (whole === 0n) return NO_FIGURE;
    const thousandths = divided(part * 1000n, whole);
    if (thousandths === 0n && part !== 0n) return "<0.1 %";
    if (thousandths === 1000n && part !== whole) return ">99.9 %";
    return thousandths === 1000n ? "100 %" : `${thousandths / 10n}.${thousandths % 10n} %`;
  }
  function shownChange(now, before) {
    if (before === 0n) return now === 0n ? NO_FIGURE : "new";
    const thousandths = divided((now - before) * 1000n, before);
    const size = thousandths < 0n ? -thousandths : thousandths;
    if (size >= 1000000n) return "× 999+";
    if (size >= 10000n) return `× ${grouped(String(divided(now, before)))}`;
    const sign = thousandths === 0n ? "" : thousandths < 0n ? "−" : "+";
    return `${sign}${size >= 1000n ? divided(size, 10n) : `${size / 10n}.${size % 10n}`} %`;
  }
  function forDrawing(value) {
    return Number(value) / 1e9;
  }

  // js/focus.js
  function keepable(element, ...names) {
    element.dataset.focus = names.join(" ");
    return element;
  }
  function kept(names) {
    return [...document.querySelectorAll("[data-focus]")].find((element) => element.dataset.focus === names);
  }
  function keepingFocus(redraw) {
    const left = document.activeElement;
    const names = left?.dataset?.focus;
    const list = left?.closest(".card");
    const place = list ? list.querySelectorAll("tbody tr").length : 0;
    redraw();
    if (names === void 0 || left.isConnected) return;
    const again = kept(names) ?? list.querySelectorAll("tbody tr")[place]?.querySelector("button") ?? list.querySelector("h2");
    if (again.tagName === "H2") again.tabIndex = -1;
    again.focus({ preventScroll: true });
  }

  // js/elements.js
  var UNSEEN = (
    // eslint-disable-next-line no-misleading-character-class -- each is meant by itself
    /[\p{Cc}\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu
  );
  function visible(text) {
    return String(text).replace(
      UNSEEN,
      (letter) => `⟨U+${letter.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`
    );
  }
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === null || value === void 0 || value === false) continue;
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (name === "width") element.style.setProperty("--width", value);
      else element.setAttribute(name, value === true ? "" : name === "title" ? visible(value) : value);
    }
    const shown = children.flat().filter((child) => child !== null && child !== void 0 && child !== false);
    element.append(...shown.map((child) => child instanceof Node ? child : visible(child)));
    return element;
  }
  function breakable(text) {
    return text.split(/(?<=[_.-])/u).flatMap((word, n) => n ? [make("wbr"), word] : [word]);
  }
  function byId(id) {
    return document.getElementById(id);
  }
  function say(id, text) {
    byId(id).textContent = visible(text);
  }
  function fill(id, ...children) {
    const place = typeof id === "string" ? byId(id) : id;
    place.replaceChildren(
      ...children.flat().filter(Boolean).map((child) => child instanceof Node ? child : visible(child))
    );
    return place;
  }
  function credits(value, attributes = {}, places = 2) {
    const exact = exactText(value);
    return make(
      "span",
      { class: "figure", "data-exact": exact, title: `${exact} credits`, ...attributes },
      shownCredits(value, places)
    );
  }
  function fitted(built, sum, places) {
    built.style.setProperty("--digits", String(shownCredits(sum, places).length));
    return built;
  }
  function csvButton(list, title) {
    return make("button", { type: "button", class: "csv", "data-csv": list, "aria-label": `${title} as CSV` }, "CSV");
  }
  function nothing(text, more) {
    return make("p", { class: "nothing" }, text, more ? " " : null, more);
  }
  function table(caption, columns, rows, foot) {
    const named = columns.findIndex(([, kind]) => kind !== "rank");
    const cellsOf = (row) => row.map(
      (cell, n) => make(n === named ? "th" : "td", { class: columns[n][1], scope: n === named ? "row" : null }, cell)
    );
    return make(
      "table",
      {},
      make("caption", { class: "visually-hidden" }, caption),
      make(
        "thead",
        {},
        make(
          "tr",
          {},
          columns.map(([name, kind]) => make("th", { scope: "col", class: kind }, name))
        )
      ),
      make(
        "tbody",
        {},
        rows.map((row) => make("tr", {}, cellsOf(row)))
      ),
      foot ? make(
        "tfoot",
        {},
        foot.map((row) => make("tr", {}, cellsOf(row)))
      ) : null
    );
  }
  var shownRows = /* @__PURE__ */ new Map();
  function moreButton(name, total2, shown, step, redraw) {
    if (total2 <= shown) return null;
    const more = Math.min(step, total2 - shown);
    const show2 = () => {
      shownRows.set(name, shown + more);
      redraw();
    };
    return keepable(
      make(
        "button",
        { type: "button", class: "quiet more", "data-list": name, onclick: show2 },
        `Show ${shownCount(more)} more of ${shownCount(total2)}`
      ),
      "more",
      name
    );
  }
  var isWhole = false;
  function rowsShown(name, first) {
    return isWhole ? Infinity : shownRows.get(name) ?? first;
  }
  function withWholeLists(redraw, work) {
    isWhole = true;
    try {
      redraw();
      return work();
    } finally {
      isWhole = false;
      redraw();
    }
  }
  function areListsWhole() {
    return isWhole;
  }

  // js/charts.js
  var drawn = /* @__PURE__ */ new Map();
  var PAPER = { "over-time": 350, calendar: 660 };
  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }
  function draw(id, height, option, described) {
    const place = byId(id);
    place.style.setProperty("height", `${height}px`);
    place.setAttribute("aria-label", described);
    let chart = drawn.get(id);
    if (!chart) {
      place.replaceChildren();
      chart = echarts.init(place, null, { renderer: "svg" });
      drawn.set(id, chart);
    }
    chart.resize(isOnPaper() ? { width: PAPER[id] } : { width: "auto" });
    chart.setOption(
      { animation: false, textStyle: { fontFamily: "inherit", color: colour("--muted") }, ...option },
      { notMerge: true }
    );
  }
  function drop(id, ...instead) {
    drawn.get(id)?.dispose();
    drawn.delete(id);
    const place = byId(id);
    place.removeAttribute("aria-label");
    place.style.removeProperty("height");
    fill(place, ...instead);
  }
  function tooltip(heading, lines) {
    const line = ([tint, name, figure2]) => make(
      "tr",
      {},
      make("td", {}, swatch(tint)),
      make("th", { scope: "row" }, make("bdi", {}, name)),
      make("td", { class: "figure" }, figure2)
    );
    return make(
      "div",
      { class: "tip" },
      make("strong", {}, heading),
      make("table", {}, make("tbody", {}, lines.map(line)))
    );
  }
  function swatch(tint) {
    const box = make("span", { class: "swatch", "aria-hidden": "true" });
    if (tint) box.style.setProperty("background", tint);
    return box;
  }
  function tooltipStyle() {
    return {
      backgroundColor: colour("--surface"),
      borderColor: colour("--line"),
      borderWidth: 1,
      padding: [10, 12],
      textStyle: { color: colour("--ink"), fontSize: 12 },
      extraCssText: "box-shadow: 0 4px 16px rgb(0 0 0 / 12%); border-radius: 8px;",
      confine: true
    };
  }
  function axisCredits(value) {
    const size = Math.abs(value);
    if (size >= 1e6) return `${+(value / 1e6).toFixed(1)}M`;
    if (size >= 1e3) return `${+(value / 1e3).toFixed(1)}k`;
    return String(+value.toPrecision(3));
  }
  function isOnPaper() {
    return document.documentElement.hasAttribute("data-paper");
  }
  var PHONE = "(max-width: 600px)";
  var NO_WIDE_TABLES = "(max-width: 1000px)";
  function isNarrow() {
    return matchMedia(PHONE).matches && !isOnPaper();
  }
  function breadth() {
    if (areListsWhole()) return "wide";
    if (isNarrow()) return "narrow";
    return isOnPaper() || matchMedia(NO_WIDE_TABLES).matches ? "medium" : "wide";
  }
  function widthOf(id) {
    return isOnPaper() ? PAPER[id] : byId(id).clientWidth;
  }

  // js/dates.js
  var MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  var WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
  function dayOf(text) {
    const [year, month, day] = text.split("-").map(Number);
    return Date.UTC(year, month - 1, day) / 864e5;
  }
  function parts(day) {
    const at = new Date(day * 864e5);
    return { year: at.getUTCFullYear(), month: at.getUTCMonth(), date: at.getUTCDate() };
  }
  function isoDay(day) {
    return new Date(day * 864e5).toISOString().slice(0, 10);
  }
  function isDay(text) {
    return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(dayOf(text)) && isoDay(dayOf(text)) === text;
  }
  function weekday(day) {
    return ((day + 3) % 7 + 7) % 7;
  }
  function monthStart(day, later = 0) {
    const { year, month } = parts(day);
    return Date.UTC(year, month + later, 1) / 864e5;
  }
  function monthEnd(day, later = 0) {
    return monthStart(day, later + 1) - 1;
  }
  function monthsBetween(first, last) {
    const [one, other] = [parts(first), parts(last)];
    return (other.year - one.year) * 12 + other.month - one.month;
  }
  function shownDay(day) {
    const { year, month, date } = parts(day);
    return `${date} ${MONTHS[month]} ${year}`;
  }
  function shownMonth(day) {
    const { year, month } = parts(day);
    return `${MONTHS[month]} ${year}`;
  }
  function shownRange(from, to) {
    const [first, last] = [parts(from), parts(to)];
    const wholeMonths = first.date === 1 && to === monthEnd(to);
    if (wholeMonths && monthsBetween(from, to) === 0) return shownMonth(from);
    if (wholeMonths) return `${first.year === last.year ? MONTHS[first.month] : shownMonth(from)} – ${shownMonth(to)}`;
    if (from === to) return shownDay(from);
    if (first.year !== last.year) return `${shownDay(from)} – ${shownDay(to)}`;
    if (first.month !== last.month) return `${first.date} ${MONTHS[first.month]} – ${shownDay(to)}`;
    return `${first.date} – ${shownDay(to)}`;
  }
  function periodBefore({ from, to }) {
    if (parts(from).date !== 1) return { from: from - (to - from + 1), to: from - 1 };
    const months = monthsBetween(from, to) + 1;
    const last = monthEnd(to, -months);
    const sameDate = monthStart(to, -months) + parts(to).date - 1;
    return { from: monthStart(from, -months), to: to === monthEnd(to) ? last : Math.min(last, sameDate) };
  }
  function stepOf({ from, to }, byMonth) {
    const days = to - from + 1;
    if (byMonth || days > 400) return "month";
    return days <= 62 ? "day" : "week";
  }
  function pieces({ from, to }, step) {
    const days = to - from + 1;
    if (step === "month") {
      return Array.from({ length: monthsBetween(from, to) + 1 }, (_, n) => ({
        from: Math.max(from, monthStart(from, n)),
        to: Math.min(to, monthEnd(from, n)),
        step
      }));
    }
    const size = step === "day" ? 1 : 7;
    const count = Math.ceil(days / size);
    return Array.from({ length: count }, (_, n) => ({
      from: Math.max(from, to + 1 - (count - n) * size),
      to: to - (count - n - 1) * size,
      step
    }));
  }
  function piecesBefore(ranges, before) {
    const months = pieces(before, "month");
    return ranges.map((range, n) => {
      if (range.step === "month") return months[n] ?? null;
      const later = before.to - ranges.at(-1).to;
      const [from, to] = range.step === "day" ? [before.from + n, before.from + n] : [range.from + later, range.to + later];
      const piece = { from: Math.max(from, before.from), to: Math.min(to, before.to), step: range.step };
      return piece.from <= piece.to ? piece : null;
    });
  }
  function isPartial({ from, to, step }) {
    if (step === "month") return to - from !== monthEnd(from) - monthStart(from);
    return step === "week" && to - from !== 6;
  }

  // js/dataset.js
  var OTHERS = -1;
  var UNMAPPED = "(unmapped)";
  var VALUES_OF = {
    exact: (texts) => texts.map(exactOf),
    amount: (texts) => texts.map(amountOf),
    count: (texts) => texts.map(Number),
    place: (texts) => Int32Array.from(texts, (text) => text === "" ? OTHERS : Number(text))
  };
  function columnsOf(source) {
    const columns = { rows: source.rows };
    for (const [kind, valuesOf] of Object.entries(VALUES_OF)) {
      for (const [name, text] of Object.entries(source[kind])) {
        columns[name] = source.rows === 0 ? [] : valuesOf(text.split(" "));
        if (columns[name].length !== source.rows) throw new Error(`the column ${name} is not whole`);
      }
    }
    return columns;
  }
  function readDataset() {
    const source = JSON.parse(byId("data").textContent);
    if (source.format !== 4) throw new Error(`its figures have the format ${source.format}, which it can't read`);
    const data = { ...source };
    const lists = [
      "cells",
      "days",
      "others",
      "interactions",
      "quotas",
      "unreported",
      "missing",
      "coverage",
      "reconciliation",
      "costs",
      "dimensions",
      "balances",
      "alerts"
    ];
    for (const name of lists) data[name] = columnsOf(source[name]);
    data.dayOfBucket = Int32Array.from(source.buckets, dayOf);
    data.byMonth = source.grain === "month";
    for (const name of ["tenants", "users", "kinds"])
      data[name] = source[name].map(([id, label]) => ({ id, name: label ?? null }));
    for (const name of ["tenants", "users"]) noteSharedNames(data[name]);
    for (const name of ["cells", "days"]) {
      const held = data[name];
      if (name === "days" && !data.byMonth) continue;
      const sum = held.credits.reduce((total2, value) => total2 + value, 0n);
      const operations = held.operations.reduce((total2, value) => total2 + value, 0);
      if (sum !== exactOf(source.total.credits) || operations !== source.total.operations) {
        throw new Error("its figures do not add up to their total");
      }
    }
    const used = Array.from(
      new Set((data.byMonth ? data.days : data.cells).bucket),
      (bucket) => data.dayOfBucket[bucket]
    ).sort((one, other) => one - other);
    data.first = used.length ? used[0] : null;
    data.last = used.length ? used.at(-1) : null;
    data.unmappedTenant = data.tenants.findIndex((tenant) => tenant.id === UNMAPPED);
    data.unmappedUser = data.users.findIndex((user) => user.id === UNMAPPED);
    data.namedDays = new Set(data.days.tenant);
    return data;
  }
  function labelOf(member) {
    return member.name ?? member.id;
  }
  function noteSharedNames(members) {
    const named = /* @__PURE__ */ new Map();
    for (const { name } of members) if (name !== null) named.set(name, (named.get(name) ?? 0) + 1);
    for (const member of members) member.isAmbiguous = named.get(member.name) > 1;
  }
  function memberCell(member, choose) {
    const special = member.id === UNMAPPED && member.name === null;
    const name = make(
      "bdi",
      {
        class: special ? "name special" : "name",
        title: member.name === null ? member.id : `${member.name} (${member.id})`
      },
      labelOf(member)
    );
    const id = member.name === null ? null : make("bdi", { class: member.isAmbiguous ? "id needed" : "id", title: member.id }, member.id);
    return choose ? make("button", { type: "button", class: "member", onclick: choose }, name, id) : make("span", { class: "member" }, name, id);
  }

  // js/selection.js
  var PRESETS_BY_DAY = [
    ["7d", "Last 7 days"],
    ["28d", "Last 28 days"],
    ["90d", "Last 90 days"],
    ["1m", "Month to date"],
    ["lm", "Last month"],
    ["12m", "12 months"],
    ["all", "All"]
  ];
  var PRESETS_BY_MONTH = [
    ["1m", "Latest month"],
    ["lm", "Month before"],
    ["3m", "3 months"],
    ["12m", "12 months"],
    ["all", "All"]
  ];
  var MEMBERS = ["tenant", "user", "kind"];
  function presets(data) {
    return data.byMonth ? PRESETS_BY_MONTH : PRESETS_BY_DAY;
  }
  function presetPeriod(data, preset) {
    const { last } = data;
    const first = data.byMonth ? monthStart(data.first) : data.first;
    if (preset === "all") return { from: first, to: last };
    if (preset === "lm") return { from: monthStart(last, -1), to: monthEnd(last, -1) };
    const size = parseInt(preset, 10);
    return { from: Math.max(first, preset.endsWith("d") ? last - size + 1 : monthStart(last, 1 - size)), to: last };
  }
  function defaultSelection(data) {
    const preset = data.byMonth ? "3m" : "28d";
    return { preset, ...presetPeriod(data, preset), tenant: null, user: null, kind: null };
  }
  function datedPeriod(data, from, to) {
    const [first, last] = data.byMonth ? [monthStart(data.first), monthEnd(data.last)] : [data.first, data.last];
    if (to < first || from > last)
      return {
        period: null,
        notes: [
          `There is no usage in ${shownRange(from, to)}: this version has usage for ${shownRange(data.first, data.last)}.`
        ]
      };
    const [start2, end] = data.byMonth ? [monthStart(from), monthEnd(to)] : [from, to];
    const period = { from: Math.max(first, start2), to: Math.min(data.last, end) };
    return {
      period,
      notes: from < first || to > last ? [`The period is cut to the days with usage, ${shownRange(period.from, period.to)}.`] : []
    };
  }
  function listOf(data, dimension) {
    return { tenant: data.tenants, user: data.users, kind: data.kinds }[dimension];
  }
  function selectionFrom(data, hash) {
    const asked = new URLSearchParams(hash.replace(/^#/, ""));
    const selection = defaultSelection(data);
    const [unknown, notes] = [[], []];
    const preset = asked.get("period");
    if (preset !== null) {
      if (presets(data).some(([name]) => name === preset))
        Object.assign(selection, { preset, ...presetPeriod(data, preset) });
      else unknown.push("period");
    } else if (asked.has("from") || asked.has("to")) {
      const ends = [asked.get("from") ?? isoDay(data.first), asked.get("to") ?? isoDay(data.last)];
      if (ends.every(isDay)) {
        const [from, to] = ends.map(dayOf);
        if (from > to) notes.push("The address has its dates in the wrong order.");
        const dated = datedPeriod(data, Math.min(from, to), Math.max(from, to));
        if (dated.period) Object.assign(selection, { preset: null, ...dated.period });
        notes.push(...dated.notes);
      } else unknown.push("period");
    }
    for (const dimension of MEMBERS) {
      const id = asked.get(dimension);
      if (id === null) continue;
      const place = listOf(data, dimension).findIndex((member) => member.id === id);
      if (place >= 0 && data.cells[dimension].includes(place)) selection[dimension] = place;
      else unknown.push({ tenant: "customer" }[dimension] ?? dimension);
    }
    if (unknown.length) notes.unshift(`The address names a ${unknown.join(" and a ")} that this version does not have.`);
    return { selection, notes };
  }
  function addressOf(data, selection) {
    const asked = new URLSearchParams();
    if (selection.preset) asked.set("period", selection.preset);
    else {
      asked.set("from", isoDay(selection.from));
      asked.set("to", isoDay(selection.to));
    }
    for (const dimension of MEMBERS) {
      if (selection[dimension] !== null) asked.set(dimension, listOf(data, dimension)[selection[dimension]].id);
    }
    return `#${asked}`;
  }
  function periodInWords(data, { from, to }) {
    const dates = shownRange(from, to);
    if (!data.byMonth || to === monthEnd(to)) return dates;
    return dayOf(data.builtAt.slice(0, 10)) > monthEnd(to) ? `${dates}, the last day with usage` : `${dates}, month not over`;
  }
  function inWords(data, selection) {
    const who = [];
    if (selection.tenant !== null) who.push(labelOf(data.tenants[selection.tenant]));
    if (selection.user !== null) who.push(labelOf(data.users[selection.user]));
    if (selection.kind !== null) who.push(labelOf(data.kinds[selection.kind]));
    return [
      periodInWords(data, selection),
      ...who.length ? who : [data.tenantOnly ? "all usage" : "all customers"]
    ].join(" · ");
  }

  // js/sums.js
  function inPeriod(data, columns, { from, to }) {
    const within = Array.from(data.dayOfBucket, (day) => day >= from && day <= to);
    return (row) => within[columns.bucket[row]];
  }
  function chosenRows(data, columns, selection, period = selection) {
    const inside = inPeriod(data, columns, period);
    const limits = MEMBERS.filter((name) => selection[name] !== null && columns[name]).map((name) => [
      columns[name],
      selection[name]
    ]);
    const rows = [];
    for (let row = 0; row < columns.rows; row += 1) {
      if (inside(row) && limits.every(([column, member]) => column[row] === member)) rows.push(row);
    }
    return rows;
  }
  function total(data, selection, period = selection) {
    const { cells } = data;
    const sums = { credits: 0n, operations: 0, estimated: 0n, unmapped: 0n, tenants: /* @__PURE__ */ new Set(), users: /* @__PURE__ */ new Set() };
    for (const row of chosenRows(data, cells, selection, period)) {
      const [tenant, user] = [cells.tenant[row], cells.user[row]];
      sums.credits += cells.credits[row];
      sums.operations += cells.operations[row];
      sums.estimated += cells.estimated[row];
      const unmappedTenant = tenant === data.unmappedTenant && tenant !== OTHERS;
      const unmappedUser = user === data.unmappedUser && user !== OTHERS;
      if (unmappedTenant || unmappedUser) sums.unmapped += cells.credits[row];
      if (!unmappedTenant) sums.tenants.add(tenant);
      if (!unmappedUser) sums.users.add(user);
    }
    return sums;
  }
  function byMember(data, dimension, selection, period = selection, source = data.cells) {
    const sums = /* @__PURE__ */ new Map();
    for (const row of chosenRows(data, source, selection, period)) {
      const member = source[dimension][row];
      const sum = sums.get(member) ?? { credits: 0n, operations: 0 };
      sum.credits += source.credits[row];
      sum.operations += source.operations[row];
      sums.set(member, sum);
    }
    return sums;
  }
  function ranked(data, dimension, sums, then) {
    const members = listOf(data, dimension);
    const order = ([one, { credits: credits2 }], [other, { credits: others }]) => {
      if (credits2 !== others) return credits2 < others ? 1 : -1;
      return members[one]?.id < members[other]?.id ? -1 : 1;
    };
    const gone = [...then ?? []].filter(([member]) => !sums.has(member)).sort(order);
    const all = [...[...sums].sort(order), ...gone.map(([member]) => [member, { credits: 0n, operations: 0 }])];
    return [...all.filter(([member]) => member !== OTHERS), ...all.filter(([member]) => member === OTHERS)];
  }
  function isActive([, sum]) {
    return sum.operations > 0;
  }
  function knowsDays(data, { tenant, user }) {
    return !data.byMonth || user === null && (tenant === null || data.namedDays.has(tenant));
  }
  function byDayAndKind(data, selection, period) {
    const source = data.byMonth && knowsDays(data, selection) ? data.days : data.cells;
    const sums = /* @__PURE__ */ new Map();
    for (const row of chosenRows(data, source, selection, period)) {
      const day = data.dayOfBucket[source.bucket[row]];
      const kinds = sums.get(day) ?? /* @__PURE__ */ new Map();
      const kind = source.kind[row];
      kinds.set(kind, (kinds.get(kind) ?? 0n) + source.credits[row]);
      sums.set(day, kinds);
    }
    return sums;
  }
  function inPieces(days, ranges) {
    const sums = ranges.map(() => /* @__PURE__ */ new Map());
    for (const [day, kinds] of days) {
      const place = ranges.findIndex((range) => range && day >= range.from && day <= range.to);
      if (place < 0) continue;
      for (const [kind, value] of kinds) sums[place].set(kind, (sums[place].get(kind) ?? 0n) + value);
    }
    return sums;
  }
  function sumOf(values) {
    let sum = 0n;
    for (const value of values) sum += value;
    return sum;
  }

  // js/comparison.js
  function comparisonOf(data, selection) {
    const before = periodBefore(selection);
    const dates = shownRange(before.from, before.to);
    if (before.from < data.first)
      return { ...before, dates, source: null, missing: `data since ${shownDay(data.first)}` };
    if (cellsTell(data, before)) return { ...before, dates, source: data.cells, missing: null };
    return {
      ...before,
      dates,
      source: knowsDays(data, selection) ? data.days : null,
      missing: `${dates} is not kept by day`
    };
  }
  function cellsTell(data, { to }) {
    return !data.byMonth || to === monthEnd(to) || to >= data.last;
  }
  function tellsMembers(data, before) {
    return before.source === data.cells;
  }
  function totalBefore(data, selection, before) {
    const { source } = before;
    if (source === null) return null;
    if (tellsMembers(data, before)) return total(data, selection, before);
    const sums = { credits: 0n, operations: 0 };
    for (const row of chosenRows(data, source, selection, before)) {
      sums.credits += source.credits[row];
      sums.operations += source.operations[row];
    }
    return sums;
  }

  // js/over_time.js
  var KINDS_DRAWN = 5;
  function kindName(data, kind) {
    return kind === OTHERS ? "Other kinds" : labelOf(data.kinds[kind]);
  }
  function kindTitle(data, kind) {
    return kind === OTHERS ? null : data.kinds[kind].id;
  }
  function kindsWithTint(data) {
    const everything = { from: -Infinity, to: Infinity, tenant: null, user: null, kind: null };
    data.kindsWithTint ??= ranked(data, "kind", byMember(data, "kind", everything)).map(([kind]) => kind).filter((kind) => kind !== OTHERS).slice(0, KINDS_DRAWN);
    return data.kindsWithTint;
  }
  function pieceName(piece) {
    if (piece.step === "day") return shownDay(piece.from);
    return shownRange(piece.from, piece.to);
  }
  function shortName(piece) {
    const { month, date, year } = parts(piece.from);
    return piece.step === "month" ? `${MONTHS[month]} ${String(year).slice(2)}` : `${date} ${MONTHS[month]}`;
  }
  function drawOverTime(data, selection, redraw) {
    const before = comparisonOf(data, selection);
    const isCompared = before.source !== null;
    const kindsThen = isCompared ? byMember(data, "kind", selection, before, before.source) : null;
    const kinds = ranked(data, "kind", byMember(data, "kind", selection), kindsThen);
    const active = kinds.filter(isActive).map(([kind]) => kind);
    const size = stepOf(selection, !knowsDays(data, selection));
    const ranges = pieces(selection, size);
    const now = inPieces(byDayAndKind(data, selection, selection), ranges);
    const then = isCompared ? sumsBefore(data, selection, before, ranges) : null;
    const step = { day: "by day", week: "by 7 days", month: "by month" }[size];
    const sums = now.map((piece) => sumOf(piece.values()));
    const cut = active.length ? cutOff(sums, then ?? []) : null;
    const notes = [
      `${shownRange(selection.from, selection.to)}, ${step}`,
      isCompared ? `line: ${before.dates}` : `no line: ${before.missing}`,
      ranges.some(isPartial) ? `hatched: part of a ${size}` : null,
      cut === null ? null : cutText(sums, then ?? [], cut)
    ];
    say("over-time-note", notes.filter(Boolean).join("; "));
    byId("over-time-figures").hidden = active.length === 0;
    if (active.length === 0) {
      drop("over-time", nothing("No usage in this selection."));
      fill("kinds");
      return;
    }
    const named = kindsWithTint(data);
    const tintOf = (kind) => colour(named.includes(kind) ? `--tint-${named.indexOf(kind) + 1}` : "--tint-rest");
    const drawnKinds = named.filter((kind) => active.includes(kind));
    const rest = active.filter((kind) => !drawnKinds.includes(kind));
    const colours = [...drawnKinds.map(tintOf), colour("--tint-rest")];
    const groups = drawnKinds.map((kind) => ({ name: kindName(data, kind), of: (piece) => piece.get(kind) ?? 0n }));
    if (rest.length)
      groups.push({
        name: rest.length === 1 ? kindName(data, rest[0]) : "Other kinds",
        of: (piece) => sumOf(rest.map((kind) => piece.get(kind) ?? 0n))
      });
    const lines = (place) => [
      ...groups.map((group, n) => [colours[n], group.name, shownCredits(group.of(now[place]))]).reverse(),
      [null, "Total", shownCredits(sums[place])],
      ...isCompared ? [[colour("--before"), "Period before", then[place] === null ? NO_FIGURE : shownCredits(then[place])]] : []
    ];
    drawKinds(data, kinds, kindsThen, tintOf, redraw);
    const highest = sums.reduce((best, value, place) => value > sums[best] ? place : best, 0);
    draw(
      "over-time",
      isNarrow() || isOnPaper() ? 230 : Math.min(430, Math.max(300, byId("kinds").offsetHeight - 32)),
      overTimeOption(ranges, groups, colours, now, then, lines, cut),
      [
        `Credits ${step} by kind, ${shownRange(selection.from, selection.to)}.`,
        `Highest: ${shownCredits(sums[highest])} in ${pieceName(ranges[highest])}. The table below has the figures.`
      ].join(" ")
    );
    const allThen = isCompared ? totalBefore(data, selection, before).credits : null;
    byId("over-time-figures").lastElementChild.replaceChildren(timeTable(ranges, sums, then, allThen));
  }
  function sumsBefore(data, selection, before, ranges) {
    const rangesThen = piecesBefore(ranges, before);
    return inPieces(byDayAndKind(data, selection, before), rangesThen).map(
      (piece, n) => rangesThen[n] ? sumOf(piece.values()) : null
    );
  }
  function timeTable(ranges, sums, then, allThen) {
    const before = (value) => then === null || value === null ? NO_FIGURE : credits(value);
    const rows = ranges.map((piece, n) => [pieceName(piece), credits(sums[n]), before(then && then[n])]);
    const rest = then === null ? 0n : allThen - sumOf(then.filter((sum) => sum !== null));
    if (rest !== 0n) rows.push(["Rest of the longer period before", NO_FIGURE, credits(rest)]);
    const foot = [["All", credits(sumOf(sums)), before(allThen)]];
    return table("Credits over time", [["Period"], ["Credits", "figure"], ["Period before", "figure"]], rows, foot);
  }
  function cutText(sums, then, cut) {
    const bars = sums.filter((sum) => sum > cut).length;
    const isCut = [bars ? plural(bars, "bar") : null, then.some((sum) => sum > cut) ? "the line" : null].filter(Boolean);
    return `${isCut.join(" and ")} cut off`;
  }
  var BAR_ABOVE = 5n;
  var LINE_ABOVE = 2n;
  function cutOff(sums, then) {
    const [bars, line] = [sums, then].map(
      (values) => values.filter((value) => value !== null).sort((one, other) => one < other ? 1 : -1)
    );
    const most = Math.min(Math.max(1, Math.floor(bars.length / 20)), bars.length - 1);
    for (let all = 1; all <= 2 * most; all += 1) {
      for (let ofLine = Math.max(0, all - most); ofLine <= Math.min(all, most); ofLine += 1) {
        const ofBars = all - ofLine;
        const [bar, point] = [bars[ofBars] ?? 0n, line[ofLine] ?? 0n];
        const next = bar > point ? bar : point;
        const tower = (ofBars === 0 || bars[ofBars - 1] > next * BAR_ABOVE) && (ofLine === 0 || line[ofLine - 1] > next * LINE_ABOVE);
        if (next > 0n && tower) return next * 5n / 4n;
      }
    }
    return null;
  }
  var LETTER = 6.4;
  function towers(now, then, cut) {
    if (cut === null) return [];
    const width = widthOf("over-time") - 60;
    const edge = Math.min(18, width / now.length * 0.39);
    const data = [];
    now.forEach((sums, n) => {
      const sum = sumOf(sums.values());
      if (sum <= cut && !(then[n] > cut)) return;
      const text = sum > cut ? `↑ ${shownCredits(sum, 0)}` : `before: ↑ ${shownCredits(then[n], 0)}`;
      const [middle, half] = [(n + 0.5) / now.length * width, text.length * LETTER / 2];
      const align = middle + half > width ? "right" : middle < half ? "left" : "center";
      data.push({
        value: [n, forDrawing(cut)],
        label: {
          show: true,
          position: "top",
          distance: 3,
          align,
          offset: [align === "right" ? edge : align === "left" ? -edge : 0, 0],
          color: colour(sum > cut ? "--ink" : "--muted"),
          fontSize: 11,
          formatter: text
        }
      });
    });
    return [
      {
        name: "cut off",
        type: "scatter",
        symbolSize: 1,
        clip: false,
        itemStyle: { color: "transparent", opacity: 1 },
        labelLayout: { hideOverlap: true },
        silent: true,
        tooltip: { show: false },
        data
      }
    ];
  }
  function hatched() {
    return { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 3], rotation: -Math.PI / 4, color: colour("--surface") };
  }
  function overTimeOption(ranges, groups, colours, now, then, lines, cut) {
    const line = { color: colour("--line") };
    const bars = groups.map((group, n) => ({
      name: group.name,
      type: "bar",
      stack: "now",
      barCategoryGap: "22%",
      barMaxWidth: 36,
      itemStyle: { color: colours[n] },
      emphasis: { disabled: true },
      data: now.map((sums, place) => ({
        value: forDrawing(group.of(sums)),
        itemStyle: isPartial(ranges[place]) ? { decal: hatched() } : {}
      }))
    }));
    const before = {
      name: "Period before",
      type: "line",
      symbol: "none",
      emphasis: { disabled: true },
      lineStyle: { color: colour("--before"), width: 1.25, type: [3, 3] },
      // A point far above the drawing is placed just above its edge; the line stays dashed.
      // Next to a part of a week, a point of the line would show a fall or a rise that does not exist.
      data: (then ?? []).map(
        (sum, n) => sum === null || ranges[n].step === "week" && isPartial(ranges[n]) ? null : forDrawing(cut !== null && sum > cut * 2n ? cut * 2n : sum)
      )
    };
    const rim = {
      ...before,
      name: "rim",
      silent: true,
      tooltip: { show: false },
      lineStyle: { color: colour("--surface"), width: 3, opacity: 0.6 }
    };
    return {
      grid: { left: 8, right: 22, top: cut === null ? 12 : 22, bottom: 8, containLabel: true },
      tooltip: {
        trigger: "axis",
        axisPointer: { type: "shadow", shadowStyle: { color: colour("--hover") } },
        ...tooltipStyle(),
        formatter: ([first]) => tooltip(pieceName(ranges[first.dataIndex]), lines(first.dataIndex))
      },
      xAxis: {
        type: "category",
        data: ranges.map(shortName),
        axisTick: { show: false },
        axisLine: { lineStyle: line },
        axisLabel: { color: colour("--muted"), hideOverlap: true, fontSize: 11, margin: 14 }
      },
      yAxis: {
        type: "value",
        max: cut === null ? null : forDrawing(cut),
        splitNumber: 4,
        splitLine: { lineStyle: line },
        axisLabel: { color: colour("--muted"), fontSize: 11, formatter: axisCredits, showMaxLabel: cut === null }
      },
      series: [...bars, rim, before, ...towers(now, then ?? [], cut)]
    };
  }
  function drawKinds(data, kinds, kindsThen, tintOf, redraw) {
    const all = sumOf(kinds.map(([, sum]) => sum.credits));
    const allThen = kindsThen && sumOf([...kindsThen.values()].map((sum) => sum.credits));
    const places = placesFor(all);
    const before = (kind) => kindsThen && (kindsThen.get(kind)?.credits ?? 0n);
    const size = rowsShown("kinds", isNarrow() ? KINDS_DRAWN : kinds.length);
    const rows = kinds.slice(0, size).map(([kind, sum]) => {
      return [
        make(
          "span",
          { class: "kind" },
          swatch(tintOf(kind)),
          make(
            "bdi",
            { class: "name", title: kindTitle(data, kind), "data-id": kind === OTHERS ? null : data.kinds[kind].id },
            breakable(kindName(data, kind))
          )
        ),
        credits(sum.credits, {}, places),
        shownShare(sum.credits, all),
        changeCell(sum.credits, before(kind))
      ];
    });
    const foot = [
      ...moreKinds(kinds.slice(size), before, all, places),
      ["All kinds", credits(all, { id: "kinds-total" }, places), shownShare(all, all), changeCell(all, allThen)]
    ];
    const built = table(
      "Credits by kind",
      [["Kind"], ["Credits", "figure"], ["Share", "figure"], ["Change", "figure"]],
      rows,
      foot
    );
    fill(
      "kinds",
      fitted(built, all, places),
      moreButton("kinds", kinds.length, size, kinds.length, redraw),
      csvButton("kinds", "Kinds")
    );
  }
  function moreKinds(kinds, before, all, places) {
    if (kinds.length === 0) return [];
    const sum = sumOf(kinds.map(([, { credits: value }]) => value));
    const then = before(kinds[0][0]) === null ? null : sumOf(kinds.map(([kind]) => before(kind)));
    return [
      [`${plural(kinds.length, "more kind")}`, credits(sum, {}, places), shownShare(sum, all), changeCell(sum, then)]
    ];
  }
  function changeCell(now, before) {
    if (before === null) return make("span", { class: "muted" }, NO_FIGURE);
    return make(
      "span",
      { class: "muted", title: `${exactText(before)} credits in the period before`, "data-before": exactText(before) },
      shownChange(now, before)
    );
  }

  // js/ranking.js
  var FIRST_RANKS = 8;
  var FIRST_RANKS_NARROW = 5;
  var FIRST_RANKS_ON_PAPER = 6;
  var MORE_RANKS = 20;
  function othersText(data, dimension, selection) {
    if (dimension === "tenant") return "Other customers";
    if (selection.tenant === null) return `Other users (${shownCount(data.otherUsers)} in all)`;
    const place = data.others.tenant.indexOf(selection.tenant);
    return place < 0 ? "Other users" : `Other users (${shownCount(data.others.users[place])} in all)`;
  }
  function drawRanking(data, dimension, selection, choose, redraw) {
    const id = `${dimension}s`;
    const group = { tenant: "customers", user: "users" }[dimension];
    const now = byMember(data, dimension, selection);
    const compared = comparisonOf(data, selection);
    const then = tellsMembers(data, compared) ? byMember(data, dimension, selection, compared) : null;
    const members = ranked(data, dimension, now, then);
    const known = members.filter(([member]) => member !== OTHERS);
    const unnamed = members.find(([member]) => member === OTHERS);
    const people = known.filter(([member]) => listOf(data, dimension)[member].id !== UNMAPPED);
    const active = people.filter(isActive).length;
    const gone = people.length - active;
    say(
      `${id}-note`,
      now.size ? [
        `${shownCount(active)} ${unnamed ? "named" : "active"}`,
        gone ? `${shownCount(gone)} no longer` : null,
        then === null ? compared.missing : null
      ].filter(Boolean).join("; ") : ""
    );
    if (now.size === 0) {
      fill(id, nothing("No usage in this selection."));
      return;
    }
    const all = sumOf(members.map(([, sum]) => sum.credits));
    const places = placesFor(all);
    const largest = known.length ? known[0][1].credits : 0n;
    const size = rowsShown(id, isNarrow() ? FIRST_RANKS_NARROW : isOnPaper() ? FIRST_RANKS_ON_PAPER : FIRST_RANKS);
    const before = (member) => then && (then.get(member)?.credits ?? 0n);
    const sumBefore = (list) => then && sumOf(list.map(([member]) => before(member)));
    const row = ([member, sum], place) => [
      sum.operations ? String(place + 1) : "",
      rankedMember(
        listOf(data, dimension)[member],
        sum.credits,
        largest,
        id,
        selection[dimension] === member,
        () => choose({ [dimension]: selection[dimension] === member ? null : member })
      ),
      credits(sum.credits, {}, places),
      shownShare(sum.credits, all),
      changeCell(sum.credits, before(member))
    ];
    const summed = (text, sums, sumsThen) => [
      "",
      text,
      credits(sums, {}, places),
      shownShare(sums, all),
      changeCell(sums, sumsThen)
    ];
    const hidden = known.slice(size);
    const foot = [];
    if (hidden.length) {
      foot.push(
        summed(
          `${shownCount(hidden.length)} more ${hidden.length === 1 ? group.slice(0, -1) : group}`,
          sumOf(hidden.map(([, sum]) => sum.credits)),
          sumBefore(hidden)
        )
      );
    }
    if (unnamed) foot.push(summed(othersText(data, dimension, selection), unnamed[1].credits, before(OTHERS)));
    const allThen = totalBefore(data, selection, compared)?.credits ?? null;
    foot.push([
      "",
      `All ${group}`,
      credits(all, { id: `${id}-total` }, places),
      shownShare(all, all),
      changeCell(all, allThen)
    ]);
    fill(
      id,
      fitted(rankTable(group, known.slice(0, size).map(row), foot), all, places),
      moreButton(id, known.length, size, MORE_RANKS, redraw)
    );
  }
  function rankTable(group, rows, foot) {
    const built = table(
      `The ${group} with the most credits`,
      [
        ["#", "rank"],
        ["Name", "grow"],
        ["Credits", "figure"],
        ["Share", "figure"],
        ["Change", "figure"]
      ],
      rows,
      foot
    );
    built.classList.add("ranking");
    return built;
  }
  function rankedMember(member, value, largest, list, chosen, choose) {
    const bar = make("span", {
      class: "bar",
      "aria-hidden": "true",
      width: largest > 0n ? `${Number(divided(value * 1000n, largest)) / 10}%` : "0%"
    });
    const button = keepable(memberCell(member, choose), list, member.id);
    button.setAttribute("aria-pressed", String(chosen));
    return make("div", { class: chosen ? "ranked chosen-member" : "ranked", "data-id": member.id }, button, bar);
  }

  // js/quotas.js
  var FIRST_QUOTAS = 10;
  var FIRST_QUOTAS_NARROW = 3;
  var STATUS = { ok: "within", warn: "warned", over: "exceeded" };
  function drawQuotas(data, selection, redraw) {
    const { quotas } = data;
    if (data.quotaCount === null || data.quotaCount === 0) {
      say("quotas-note", "");
      fill(
        "quotas",
        nothing(
          "No quotas are configured.",
          data.tenantOnly ? null : make(
            "span",
            {},
            "An export below ",
            make("code", {}, "landing/billing/quotas/"),
            " says who may use how many credits."
          )
        )
      );
      return;
    }
    const is = (column, row) => column[row] === OTHERS ? null : column[row];
    const users = partnersOf(data, "tenant", selection.tenant, "user");
    const tenants = partnersOf(data, "user", selection.user, "tenant");
    const rows = [];
    for (let row = 0; row < quotas.rows; row += 1) {
      const [tenant, user, kind] = [is(quotas.tenant, row), is(quotas.user, row), is(quotas.kind, row)];
      const fits = (member, chosen) => chosen === null || member === null || member === chosen;
      const ofTenant = tenant === null ? selection.tenant === null || user === null || users.has(user) : fits(tenant, selection.tenant);
      const ofUser = user === null ? selection.user === null || tenant === null || tenants.has(tenant) : fits(user, selection.user);
      if (ofTenant && ofUser && fits(kind, selection.kind)) rows.push({ row, tenant, user, kind });
    }
    const unlisted = data.quotaCount - quotas.rows;
    say(
      "quotas-note",
      `Current periods${data.quotasAsOf ? `, ${data.tenantOnly ? "last usage" : "as of"} ${shownDay(dayOf(data.quotasAsOf))}` : ""}, whatever period is chosen; projected at the pace of the last 7 days`
    );
    if (rows.length === 0) {
      fill("quotas", nothing("No quota applies to this selection."));
      return;
    }
    const size = rowsShown("quotas", isNarrow() ? FIRST_QUOTAS_NARROW : FIRST_QUOTAS);
    const shown = rows.slice(0, size).map((quota2) => quotaCells(data, quota2));
    const [quota, used, left, projected, upOn, status] = [
      ["Quota", "grow"],
      ["Used", "grow"],
      ["Left", "figure"],
      ["Projected", "figure"],
      ["Used up on", "figure upon"],
      ["Status", "end"]
    ];
    const stacked = (cells) => make("div", { class: "stacked" }, cells[5], cells[4]);
    const [columns, cellsOf] = {
      wide: [[quota, used, left, projected, upOn, status], (cells) => cells],
      medium: [[quota, used, left, projected, upOn], (cells) => [...cells.slice(0, 4), stacked(cells)]],
      narrow: [[quota, upOn], (cells) => [make("div", {}, cells[0], cells[1]), stacked(cells)]]
    }[breadth()];
    const built = table("Quotas of the current periods", columns, shown.map(cellsOf));
    built.classList.add("quotas");
    fitted(
      built,
      rows.map(({ row }) => [quotas.allowance[row], quotas.projected[row]]).flat().reduce((most, value) => value > most ? value : most, 0n),
      2
    );
    fill(
      "quotas",
      built,
      moreButton("quotas", rows.length, size, MORE_RANKS, redraw),
      unlisted > 0 ? nothing(
        `${unlisted === 1 ? "1 more quota with the smallest share used is" : `${shownCount(unlisted)} more quotas with the smallest shares used are`} not listed${data.tenantOnly ? "" : ": mart_quota_consumption has them all"}.`
      ) : null
    );
  }
  function partnersOf(data, dimension, chosen, other) {
    const { cells } = data;
    const found = /* @__PURE__ */ new Set();
    for (let row = 0; row < cells.rows; row += 1) if (cells[dimension][row] === chosen) found.add(cells[other][row]);
    return found;
  }
  function quotaCells(data, { row, tenant, user, kind }) {
    const { quotas } = data;
    const [allowance, used] = [quotas.allowance[row], quotas.used[row]];
    const day = (bucket) => bucket === OTHERS ? null : data.dayOfBucket[bucket];
    const [from, to] = [day(quotas.from[row]), day(quotas.to[row])];
    const status = data.words[quotas.status[row]];
    const who = user !== null ? data.users[user] : data.tenants[tenant];
    const what = [
      tenant !== null && user !== null ? labelOf(data.tenants[tenant]) : null,
      kind === null ? "all kinds" : labelOf(data.kinds[kind]),
      shownRange(from, to)
    ];
    const share = allowance > 0n ? Number(divided(used * 1000n, allowance)) / 10 : used > 0n ? 100 : 0;
    const bar = make(
      "span",
      { class: `meter ${status}`, "aria-hidden": "true", width: `${Math.min(100, share)}%` },
      make("span", { class: "mark" })
    );
    bar.style.setProperty("--mark", `${Math.min(100, Number(divided(quotas.warn_at[row] * 1000n, ONE)) / 10)}%`);
    return [
      make(
        "span",
        { class: "member" },
        memberCell(who),
        make("bdi", { class: "muted small" }, what.filter(Boolean).join(" · "))
      ),
      make(
        "span",
        { class: "used" },
        make(
          "span",
          {},
          credits(used),
          make("span", { class: "muted" }, " of "),
          credits(allowance),
          " ",
          make("span", { class: "muted whole" }, `· ${shownShare(used, allowance)}`)
        ),
        bar
      ),
      credits(allowance - used),
      credits(quotas.projected[row]),
      exhaustion({
        exhausted: day(quotas.exhausted[row]),
        earliest: day(quotas.earliest[row]),
        latest: day(quotas.latest[row]),
        to,
        status
      }),
      statusCell(status, quotas.projected[row] > allowance)
    ];
  }
  function statusCell(status, projectedOver) {
    const pill = (kind, text) => make("span", { class: `status ${kind}` }, text);
    return make(
      "span",
      { class: "statuses" },
      pill(status, STATUS[status] ?? status),
      projectedOver && status !== "over" ? [" ", pill("warn", "projected over")] : null
    );
  }
  function exhaustion({ exhausted, earliest, latest, to, status }) {
    if (status === "over")
      return exhausted === null ? make("span", { class: "muted" }, "used up") : make("span", { class: "dates" }, shownDay(exhausted));
    const small = (text) => make("span", { class: "muted small" }, text);
    const soonest = earliest !== null && earliest <= to ? `earliest ${shownDay(earliest)}` : null;
    if (exhausted === null || exhausted > to) {
      if (soonest) return make("span", { class: "dates" }, make("span", { class: "muted" }, "may last"), small(soonest));
      return make("span", { class: "muted" }, exhausted === null ? "not expected" : "lasts the period");
    }
    if (latest === null || latest > to)
      return make(
        "span",
        { class: "dates" },
        shownDay(exhausted),
        small(soonest === null || earliest === exhausted ? "may last" : `${soonest}, may last`)
      );
    return make(
      "span",
      { class: "dates" },
      shownDay(exhausted),
      earliest !== null && earliest !== latest ? small(shownRange(earliest, latest)) : null
    );
  }

  // js/alerts.js
  var FIRST_ALERTS = 4;
  var FIRST_ALERTS_NARROW = 2;
  function drawAlerts(data, selection, redraw) {
    const { alerts } = data;
    byId("alerts-card").hidden = data.alertCount === null;
    const is = (column, row) => column[row] === OTHERS ? null : column[row];
    const users = partnersOf(data, "tenant", selection.tenant, "user");
    const rows = [];
    for (let row = 0; row < alerts.rows; row += 1) {
      const [tenant, user, kind] = [is(alerts.tenant, row), is(alerts.user, row), is(alerts.kind, row)];
      const ofTenant = selection.tenant === null || tenant === selection.tenant || tenant === null && user !== null && users.has(user);
      const ofUser = selection.user === null || user === selection.user;
      if (ofTenant && ofUser && (selection.kind === null || kind === null || kind === selection.kind))
        rows.push({ row, tenant, user });
    }
    say("alerts-note", rows.length ? `${plural(rows.length, "alert")}, whatever period is chosen` : "");
    if (rows.length === 0) {
      fill("alerts", nothing(data.alertCount ? "No open alert concerns this selection." : "No alert is open."));
      return;
    }
    const size = rowsShown("alerts", isNarrow() ? FIRST_ALERTS_NARROW : FIRST_ALERTS);
    const unlisted = data.alertCount - alerts.rows;
    const built = table(
      "Open alerts",
      [
        ["Alert", "grow"],
        ["Since", "figure"],
        ["Severity", "end"]
      ],
      rows.slice(0, size).map((alert) => alertCells(data, alert))
    );
    built.classList.add("alerts");
    fill(
      "alerts",
      built,
      moreButton("alerts", rows.length, size, MORE_RANKS, redraw),
      unlisted > 0 ? nothing(
        `${shownCount(unlisted)} more are not listed${data.tenantOnly ? "" : ": mart_usage_alerts has them all"}.`
      ) : null
    );
  }
  function alertCells(data, { row, tenant, user }) {
    const { alerts, words } = data;
    let summary = words[alerts.summary[row]];
    for (const member of [tenant === null ? null : data.tenants[tenant], user === null ? null : data.users[user]])
      if (member) summary = summary.replaceAll(member.id, () => labelOf(member));
    const severity = words[alerts.severity[row]];
    return [
      make("bdi", {}, summary),
      shownDay(data.dayOfBucket[alerts.from[row]]),
      make("span", { class: `status ${severity === "critical" ? "over" : "warn"}` }, severity)
    ];
  }

  // js/calendar.js
  var LEVELS = 5;
  var MOST_MONTHS = 120;
  function levelsOf(values) {
    const sorted = values.filter((value) => value > 0n).sort((one, other) => one < other ? -1 : one > other ? 1 : 0);
    const at = (n) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * (n + 1) / LEVELS))];
    return sorted.length ? [...new Set(Array.from({ length: LEVELS }, (_, n) => n === LEVELS - 1 ? sorted.at(-1) : at(n)))] : [];
  }
  function drawCalendar(data, selection) {
    const narrow = isNarrow();
    const block = narrow ? 6 : 12;
    const months = Math.min(
      MOST_MONTHS,
      Math.ceil(Math.max(block, monthsBetween(selection.from, selection.to) + 1) / block) * block
    );
    const range = {
      from: Math.min(Math.max(monthStart(selection.to, 1 - months), monthStart(data.first)), monthStart(selection.to)),
      to: monthEnd(selection.to)
    };
    const byMonth = !knowsDays(data, selection);
    const days = new Map([...byDayAndKind(data, selection, range)].map(([day, kinds]) => [day, sumOf(kinds.values())]));
    say("calendar-title", byMonth ? "Month by month" : "Day by day");
    const inside = [...days].filter(([day]) => day >= selection.from && day <= selection.to);
    if (days.size === 0) {
      say("calendar-note", "");
      fill("calendar-legend");
      drop("calendar", nothing("No usage in this selection."));
      return;
    }
    const levels = levelsOf([...days.values()]);
    const level = (value) => levels.findIndex((limit) => value <= limit) + 1 + LEVELS - levels.length;
    const within = (day) => day >= selection.from && day <= selection.to;
    const tintOf = (day, value) => colour(value > 0n ? `--${within(day) ? "heat" : "out"}-${level(value)}` : "--empty");
    const unit = byMonth ? "months" : "days";
    const whole = byMonth ? monthsBetween(selection.from, selection.to) + 1 : selection.to - selection.from + 1;
    const highest = inside.reduce((best, day) => best === null || day[1] > best[1] ? day : best, null);
    const used = inside.filter(([, value]) => value > 0n).length;
    const note = highest ? `${shownCount(used)} of ${shownCount(whole)} ${unit} with credits; highest: ${byMonth ? shownMonth(highest[0]) : shownDay(highest[0])}, ${shownCredits(highest[1])}` : `No usage within ${shownRange(selection.from, selection.to)}`;
    say("calendar-note", range.from > selection.from ? `${note}; drawn from ${shownMonth(range.from)}` : note);
    const described = `Heat map of credits by ${byMonth ? "month" : "day"}, ${shownRange(range.from, range.to)}. ${note}.`;
    if (byMonth) drawMonths(range, days, tintOf, described);
    else drawDays(range, block, days, tintOf, described, narrow);
    drawLegend(levels, days.size > inside.length ? unit : null);
  }
  function drawDays(range, block, days, tintOf, described, narrow) {
    const blocks = Math.ceil((monthsBetween(range.from, range.to) + 1) / block);
    const width = widthOf("calendar") - 44;
    const weeks = block === 12 ? 54 : 28;
    const cell = Math.max(8, Math.min(20, Math.floor(width / weeks)));
    const height = cell * 7 + 44;
    const calendars = [];
    const series = [];
    for (let n = 0; n < blocks; n += 1) {
      const from = Math.max(range.from, monthStart(range.to, 1 - (n + 1) * block));
      const to = Math.min(range.to, monthEnd(range.to, -n * block));
      calendars.push({
        range: [isoDay(from), isoDay(to)],
        top: n * height + 24,
        // the latest months first
        left: 36,
        cellSize: [cell, cell],
        splitLine: { show: false },
        itemStyle: { color: colour("--empty"), borderColor: colour("--surface"), borderWidth: 2 },
        dayLabel: {
          firstDay: 1,
          nameMap: narrow ? ["S", "M", "T", "W", "T", "F", "S"] : ["", "Mon", "", "Wed", "", "Fri", ""],
          color: colour("--muted"),
          fontSize: 10,
          margin: 8
        },
        monthLabel: { nameMap: MONTHS, color: colour("--muted"), fontSize: 11, align: "left" },
        yearLabel: { show: false }
      });
      const points = [];
      for (let day = from; day <= to; day += 1) {
        const value = days.get(day);
        if (value === void 0) continue;
        points.push({
          value: [isoDay(day), forDrawing(value)],
          itemStyle: { color: tintOf(day, value), borderColor: colour("--surface"), borderWidth: 2 }
        });
      }
      series.push({
        type: "heatmap",
        coordinateSystem: "calendar",
        calendarIndex: n,
        data: points,
        emphasis: { disabled: true }
      });
    }
    const tooltipOf = ({ value }) => {
      const day = dayOf(value[0]);
      return tooltip(`${WEEKDAYS[weekday(day)]}, ${shownDay(day)}`, [[null, "Credits", shownCredits(days.get(day))]]);
    };
    draw(
      "calendar",
      blocks * height,
      {
        tooltip: { ...tooltipStyle(), formatter: tooltipOf },
        visualMap: { show: false, min: 0, max: 1, seriesIndex: [] },
        calendar: calendars,
        series
      },
      described
    );
  }
  function drawMonths(range, days, tintOf, described) {
    const years = [];
    for (let { year } = parts(range.to); year >= parts(range.from).year; year -= 1) years.push(String(year));
    const points = [...days].map(([day, value]) => {
      const { year, month } = parts(day);
      return {
        value: [month, years.indexOf(String(year)), forDrawing(value)],
        day,
        itemStyle: { color: tintOf(day, value), borderColor: colour("--surface"), borderWidth: 2 }
      };
    });
    const axis = {
      type: "category",
      splitArea: { show: false },
      axisTick: { show: false },
      axisLine: { show: false },
      axisLabel: { color: colour("--muted"), fontSize: 11 }
    };
    const option = {
      grid: { left: 8, right: 8, top: 4, bottom: 4, containLabel: true },
      tooltip: {
        ...tooltipStyle(),
        formatter: ({ data: point }) => tooltip(shownMonth(point.day), [[null, "Credits", shownCredits(days.get(point.day))]])
      },
      xAxis: { ...axis, data: isNarrow() ? MONTHS.map((name) => name[0]) : MONTHS },
      yAxis: { ...axis, data: years, inverse: true },
      visualMap: { show: false, min: 0, max: 1, seriesIndex: [] },
      series: [{ type: "heatmap", data: points, emphasis: { disabled: true } }]
    };
    draw("calendar", years.length * 36 + 40, option, described);
  }
  function drawLegend(levels, outside) {
    const step = (level, n) => make(
      "span",
      { class: "step" },
      swatch(colour(`--heat-${n + 1 + LEVELS - levels.length}`)),
      `≤ ${shownCredits(level)}`
    );
    fill(
      "calendar-legend",
      make("span", { class: "step" }, swatch(colour("--empty")), "none"),
      ...levels.map(step),
      outside ? make(
        "span",
        { class: "step" },
        [2, 4].map((n) => swatch(colour(`--out-${n}`))),
        `${outside} outside the period`
      ) : null
    );
  }

  // js/csv.js
  var FIGURE = /^[+−-]?[\d.,]+( %)?$/u;
  function wordsOf(node) {
    if (node.nodeType === Node.TEXT_NODE) return [node.textContent.trim()];
    if (node.dataset?.exact !== void 0) return [node.dataset.exact];
    if (node.matches?.(".id:not(.whole)")) return [];
    if (node.tagName === "BDI") return [node.textContent];
    return [...node.childNodes].flatMap(wordsOf);
  }
  function idOf(cell) {
    return cell.querySelector("[data-id]")?.dataset.id ?? cell.querySelector(".id:not(.whole)")?.textContent ?? "";
  }
  function rowsOf(table2) {
    const body = [...table2.querySelectorAll("tbody tr, tfoot tr")].map((row) => [...row.children]);
    const headings = [...table2.querySelectorAll("thead th")].map((cell) => cell.textContent);
    const withId = headings.map((_, n) => body.some((row) => idOf(row[n]) !== ""));
    const wide = (texts, ids) => texts.flatMap((text, n) => withId[n] ? [ids[n], text] : [text]);
    return [
      wide(
        headings,
        headings.map((heading) => `${heading} id`)
      ),
      ...body.map(
        (row) => wide(
          row.map((cell) => wordsOf(cell).filter(Boolean).join(" ")),
          row.map(idOf)
        )
      )
    ];
  }
  function field(text) {
    if (text === NO_FIGURE) return "";
    const inert = /^[=+\-@\t\r]/.test(text) && !FIGURE.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
  }
  function csvOf(rows) {
    return `\uFEFF${rows.map((row) => `${row.map(field).join(",")}\r
`).join("")}`;
  }
  function save(name, text) {
    const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
    make("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 6e4);
  }

  // js/dimensions.js
  var FIRST_VALUES = 8;
  var NO_VALUE = "(none)";
  var chosenKey = null;
  function drawDimensions(data, selection, redraw) {
    const { dimensions, words } = data;
    byId("dimensions-card").hidden = dimensions.rows === 0 && data.dimensionsFit;
    const keys = [...new Set(dimensions.dimension)].sort((one, other) => words[one] < words[other] ? -1 : 1);
    if (!keys.includes(chosenKey)) chosenKey = keys[0] ?? null;
    const lost = [
      selection.tenant !== null && dimensions.rows > 0 && !dimensions.tenant ? "customer" : null,
      selection.user !== null ? "user" : null,
      selection.kind !== null ? "kind" : null
    ].filter(Boolean);
    say("dimensions-note", "");
    if (dimensions.rows === 0 || lost.length) {
      const why = data.dimensionsFit ? `Dimensions are not kept by ${lost.join(" and ")}: choose all of them.` : `This version has too many values${data.tenantOnly ? "" : ": agg_cost_by_dimension has them all"}.`;
      fill("dimensions", nothing(why));
      return;
    }
    const compared = comparisonOf(data, selection);
    const now = byValue(data, selection);
    const then = tellsMembers(data, compared) ? byValue(data, selection, compared) : null;
    const label = (value) => value === OTHERS ? "Other values" : words[value];
    for (const value of then?.keys() ?? []) if (!now.has(value)) now.set(value, { credits: 0n, amounts: /* @__PURE__ */ new Map() });
    const list = [...now].sort(
      ([one, { credits: first }], [other, { credits: second }]) => first !== second ? first < second ? 1 : -1 : label(one) < label(other) ? -1 : 1
    );
    say("dimensions-note", plural(list.length, "value"));
    const all = sumOf(list.map(([, sum]) => sum.credits));
    const places = placesFor(all);
    const size = rowsShown("dimensions", FIRST_VALUES);
    const before = (values) => then && sumOf(values.map(([value]) => then.get(value)?.credits ?? 0n));
    const isWide = breadth() !== "narrow";
    const cells = (name2, values) => {
      const sum = sumOf(values.map(([, { credits: value }]) => value));
      return [
        name2,
        ...isWide ? [amountsCell(values.map(([, { amounts }]) => amounts))] : [],
        credits(sum, {}, places),
        shownShare(sum, all),
        ...isWide ? [changeCell(sum, before(values))] : []
      ];
    };
    const name = (value) => make("bdi", { class: label(value) === NO_VALUE || value === OTHERS ? "name special" : "name" }, label(value));
    const hidden = list.slice(size);
    const built = table(
      "Credits by dimension",
      [
        ["Value", "grow"],
        ...isWide ? [["Cost at the agreed price", "figure"]] : [],
        ["Credits", "figure"],
        ["Share", "figure"],
        ...isWide ? [["Change", "figure"]] : []
      ],
      list.slice(0, size).map((one) => cells(name(one[0]), [one])),
      [...hidden.length ? [cells(plural(hidden.length, "more value"), hidden)] : [], cells("All values", list)]
    );
    built.classList.add("dimensions");
    fill(
      "dimensions",
      keyPicker(
        keys.map((key) => [key, words[key]]),
        redraw
      ),
      fitted(built, all, places),
      moreButton("dimensions", list.length, size, MORE_RANKS, redraw)
    );
  }
  function byValue(data, selection, period = selection) {
    const { dimensions } = data;
    const sums = /* @__PURE__ */ new Map();
    for (const row of chosenRows(data, dimensions, selection, period)) {
      if (dimensions.dimension[row] !== chosenKey) continue;
      const value = dimensions.value[row];
      const sum = sums.get(value) ?? { credits: 0n, amounts: /* @__PURE__ */ new Map() };
      sum.credits += dimensions.credits[row];
      const currency = data.words[dimensions.currency[row]];
      if (currency !== "(unrated)") sum.amounts.set(currency, (sum.amounts.get(currency) ?? 0n) + dimensions.amount[row]);
      sums.set(value, sum);
    }
    return sums;
  }
  function amountsCell(maps) {
    const sums = /* @__PURE__ */ new Map();
    for (const map of maps) for (const [currency, amount] of map) sums.set(currency, (sums.get(currency) ?? 0n) + amount);
    const texts = [...sums].sort().map(([currency, amount]) => `${shownAmount(amount, currency)} ${currency}`);
    return texts.length ? texts.join(", ") : NO_FIGURE;
  }
  function inWords2(key) {
    return key[0].toUpperCase() + key.slice(1).replaceAll("_", " ");
  }
  function keyPicker(keys, redraw) {
    const option = ([key, text]) => {
      const element = make("option", { value: key }, inWords2(text));
      element.selected = key === chosenKey;
      return element;
    };
    const picked = (event) => {
      chosenKey = Number(event.target.value);
      redraw();
      byId("dimension").focus();
    };
    return make(
      "p",
      { class: "fields" },
      make(
        "label",
        {},
        make("span", {}, "Dimension"),
        make("select", { id: "dimension", onchange: picked }, keys.map(option))
      )
    );
  }

  // js/filters.js
  var LONGEST_OPTION = 60;
  function shortened(text) {
    const letters = Array.from(visible(text));
    return letters.length > LONGEST_OPTION ? `${letters.slice(0, LONGEST_OPTION - 1).join("")}…` : letters.join("");
  }
  function buildFilters(data, choose, tell) {
    const preset = (name) => choose({ preset: name, ...presetPeriod(data, name) });
    const buttons = presets(data).map(
      ([name, text]) => make("button", { type: "button", "data-preset": name, "aria-pressed": "false", onclick: () => preset(name) }, text)
    );
    const date = (name, text) => make(
      "label",
      {},
      make("span", {}, text),
      make("input", {
        type: "date",
        id: name,
        required: true,
        min: isoDay(data.first),
        max: isoDay(data.last),
        ...whenDated(() => chooseDates(data, choose, tell))
      })
    );
    const list = (name, text) => make(
      "label",
      {},
      make("span", {}, text),
      make("select", {
        id: name,
        onchange: (event) => choose({ [name]: event.target.value === "" ? null : Number(event.target.value) })
      })
    );
    fill(
      "filter-row",
      make("div", { class: "presets", role: "group", "aria-label": "Period" }, buttons),
      make(
        "div",
        { class: "fields" },
        date("from", "From"),
        date("to", "To"),
        data.tenantOnly ? null : list("tenant", "Customer"),
        list("user", "User"),
        list("kind", "Kind"),
        make(
          "button",
          { type: "button", id: "reset", class: "quiet", onclick: () => choose(defaultSelection(data)) },
          "Reset"
        )
      )
    );
    byId("filters").addEventListener("submit", (event) => event.preventDefault());
  }
  function whenDated(take) {
    let typing = false;
    const taken = () => {
      typing = false;
      take();
    };
    return {
      onkeydown: ({ key }) => key === "Enter" ? taken() : typing ||= key !== "Tab",
      onchange: () => typing || taken(),
      onblur: () => typing && taken()
    };
  }
  function chooseDates(data, choose, tell) {
    const fields = [byId("from"), byId("to")];
    for (const field2 of fields) if (!isDay(field2.value)) field2.value = field2.dataset.chosen;
    if (fields.every((field2) => field2.value === field2.dataset.chosen)) return;
    const [from, to] = fields.map((field2) => dayOf(field2.value));
    if (from > to) {
      tell("From is later than To: nothing has changed yet.");
      return;
    }
    const { period, notes } = datedPeriod(data, from, to);
    if (period) choose({ preset: null, ...period }, notes);
    else tell(...notes);
  }
  function options(data, dimension, members, chosen, every) {
    const named = members.filter((member) => member !== OTHERS).map((member) => [member, labelOf(listOf(data, dimension)[member])]).sort((one, other) => one[1].localeCompare(other[1], "en") || one[0] - other[0]);
    const option = (value, text) => {
      const element = make("option", { value }, shortened(text));
      element.selected = String(value) === String(chosen ?? "");
      return element;
    };
    return [option("", every), ...named.map(([member, text]) => option(member, text))];
  }
  function showFilters(data, selection) {
    for (const button of document.querySelectorAll("[data-preset]")) {
      button.setAttribute("aria-pressed", String(button.dataset.preset === selection.preset));
    }
    for (const name of ["from", "to"]) byId(name).value = byId(name).dataset.chosen = isoDay(selection[name]);
    const { cells } = data;
    const users = /* @__PURE__ */ new Set();
    for (let row = 0; row < cells.rows; row += 1) {
      if (selection.tenant === null || cells.tenant[row] === selection.tenant) users.add(cells.user[row]);
    }
    if (selection.user !== null) users.add(selection.user);
    if (byId("tenant"))
      fill("tenant", options(data, "tenant", [...new Set(cells.tenant)], selection.tenant, "All customers"));
    fill("user", options(data, "user", [...users], selection.user, "All users"));
    fill("kind", options(data, "kind", [...new Set(cells.kind)], selection.kind, "All kinds"));
  }
  function keptTogether(data, selection) {
    if (selection.tenant === null || selection.user === null) return selection;
    const { cells } = data;
    for (let row = 0; row < cells.rows; row += 1) {
      if (cells.tenant[row] === selection.tenant && cells.user[row] === selection.user) return selection;
    }
    return { ...selection, user: null };
  }

  // js/headline.js
  function change(now, then, before) {
    if (then === null) return make("p", { class: "muted change", "data-change": NO_FIGURE }, before.missing);
    const text = shownChange(now, then);
    return make("p", { class: "muted change", "data-change": text }, make("span", {}, text), ` vs ${before.dates}`);
  }
  function drawHeadline(data, selection) {
    const before = comparisonOf(data, selection);
    const now = total(data, selection);
    const then = totalBefore(data, selection, before);
    const days = BigInt(selection.to - selection.from + 1);
    const daysThen = BigInt(before.to - before.from + 1);
    const figure2 = (id, label, shown, exact, more) => make(
      "div",
      { class: "kpi" },
      make("h2", {}, label),
      make("p", { class: "big", id, "data-exact": exact, title: exact }, shown),
      more
    );
    const actives = (id, label, members, membersThen) => figure2(
      id,
      label,
      shownCount(members.size),
      String(members.size),
      change(BigInt(members.size), membersThen ? BigInt(membersThen.size) : null, before)
    );
    const average = divided(now.credits, days);
    const averageThen = then && divided(then.credits, daysThen);
    fill(
      "headline",
      figure2(
        "kpi-credits",
        "Credits",
        shownCredits(now.credits, placesFor(now.credits)),
        exactText(now.credits),
        change(now.credits, then && then.credits, before)
      ),
      figure2(
        "kpi-operations",
        "Operations",
        shownCount(now.operations),
        String(now.operations),
        change(BigInt(now.operations), then && BigInt(then.operations), before)
      ),
      figure2(
        "kpi-average",
        "Credits a day",
        shownCredits(average, placesFor(average)),
        exactText(average),
        change(average, averageThen, before)
      ),
      data.folded.includes("user_id") ? actives("kpi-tenants", "Active customers", now.tenants, then?.tenants) : actives("kpi-users", "Active users", now.users, then?.users)
    );
  }

  // js/interactions.js
  var FIRST_INTERACTIONS = 10;
  var FIRST_INTERACTIONS_NARROW = 5;
  var SEVERAL = "several";
  function kindsCell(text) {
    return make("bdi", { class: "name several muted", title: text }, breakable(text));
  }
  function drawInteractions(data, selection, choose, redraw) {
    const { interactions } = data;
    const found = /* @__PURE__ */ new Map();
    for (const row of chosenRows(data, interactions, selection)) {
      const id2 = interactions.interaction[row];
      const listed = found.get(id2) ?? {
        id: id2,
        credits: 0n,
        operations: 0,
        tenants: /* @__PURE__ */ new Set(),
        users: /* @__PURE__ */ new Set(),
        kinds: /* @__PURE__ */ new Set(),
        first: Infinity
      };
      listed.credits += interactions.credits[row];
      listed.operations += interactions.operations[row];
      listed.tenants.add(interactions.tenant[row]);
      listed.users.add(interactions.user[row]);
      listed.kinds.add(interactions.kind[row]);
      listed.first = Math.min(listed.first, data.dayOfBucket[interactions.bucket[row]]);
      found.set(id2, listed);
    }
    const name = (listed) => data.interactionIds[listed.id];
    const list = [...found.values()].sort(
      (one2, other) => one2.credits !== other.credits ? one2.credits < other.credits ? 1 : -1 : name(one2) < name(other) ? -1 : 1
    );
    const unlisted = data.interactionCount - data.interactionIds.length;
    say(
      "interactions-note",
      list.length ? `${plural(list.length, "interaction")}${unlisted > 0 ? " listed" : ""} in this selection` : ""
    );
    if (list.length === 0) {
      fill(
        "interactions",
        nothing(
          unlisted > 0 ? "None of the listed interactions is in this selection." : "No interaction in this selection."
        )
      );
      return;
    }
    const size = rowsShown("interactions", isNarrow() ? FIRST_INTERACTIONS_NARROW : FIRST_INTERACTIONS);
    const shown = list.slice(0, size);
    const all = total(data, selection);
    const one = (interaction, set, members, dimension) => {
      if (set.size > 1) return make("span", { class: "muted" }, `${SEVERAL} (${set.size})`);
      const [member] = set;
      if (member === OTHERS) return make("span", { class: "muted" }, "not named here");
      const cell = memberCell(
        { ...members[member], ...members[member].name ? { id: "", name: members[member].name } : {} },
        () => choose({ [dimension]: member })
      );
      return keepable(cell, "interactions", interaction, dimension);
    };
    const width = breadth();
    const wide = width === "wide";
    const id = (listed) => make("bdi", { class: "id whole", title: name(listed), "data-interaction": name(listed) }, name(listed));
    const tenant = (listed) => data.tenantOnly ? null : one(name(listed), listed.tenants, data.tenants, "tenant");
    const user = (listed) => one(name(listed), listed.users, data.users, "user");
    const kinds = (listed) => kindsCell(
      [...listed.kinds].map((kind) => kindName(data, kind)).sort().join(", ")
    );
    const first = (listed) => data.byMonth ? shownMonth(listed.first) : shownDay(listed.first);
    const columns = [
      wide ? [["Interaction", "grow"], id] : [
        ["Interaction", "grow combined"],
        (listed) => [
          make("div", { class: "names" }, tenant(listed), user(listed)),
          width === "narrow" ? null : kinds(listed),
          id(listed)
        ].filter(Boolean)
      ],
      wide && !data.tenantOnly ? [["Customer", "grow"], tenant] : null,
      wide ? [["User", "grow"], user] : null,
      wide ? [["Kinds"], kinds] : null,
      [[data.byMonth ? "First month" : "First day", "figure"], first],
      width === "narrow" ? null : [["Operations", "figure"], (listed) => shownCount(listed.operations)],
      [["Credits", "figure"], (listed) => credits(listed.credits, {}, placesFor(shown[0].credits))]
    ].filter(Boolean);
    const rows = shown.map((listed) => columns.map(([, cell]) => cell(listed)));
    const rest = all.credits - sumOf(shown.map((listed) => listed.credits));
    const restOperations = all.operations - shown.reduce((sum, listed) => sum + listed.operations, 0);
    const places = placesFor(shown[0].credits > rest ? shown[0].credits : rest);
    const restOf = {
      Operations: shownCount(restOperations),
      Credits: credits(rest, { id: "interactions-rest", "data-operations": restOperations }, places)
    };
    const foot = [["All other usage of this selection", ...columns.slice(1).map(([[heading]]) => restOf[heading] ?? "")]];
    const built = table(
      "The interactions that cost most",
      columns.map(([heading]) => heading),
      rows,
      foot
    );
    built.classList.add("interactions");
    fitted(built, shown[0].credits > rest ? shown[0].credits : rest, places);
    fill("interactions", built, moreButton("interactions", list.length, size, MORE_RANKS, redraw));
  }

  // js/money.js
  var UNRATED = "(unrated)";
  var MOST_ACCOUNTS = 4;
  function costOf(data, selection, period = selection) {
    const { costs, words } = data;
    const cost = { agreed: /* @__PURE__ */ new Map(), list: /* @__PURE__ */ new Map(), unrated: 0n, adjusted: 0n, derived: 0n };
    const add = (sums, currency, amount, credits2) => {
      const sum = sums.get(currency) ?? { amount: 0n, credits: 0n };
      sum.amount += amount;
      sum.credits += credits2;
      sums.set(currency, sum);
    };
    for (const row of chosenRows(data, costs, selection, period)) {
      const [currency, credits2] = [words[costs.currency[row]], costs.credits[row]];
      if (currency === UNRATED) cost.unrated += credits2;
      else add(cost.agreed, currency, costs.amount[row], credits2);
      add(cost.list, words[costs.list_currency[row]], costs.list_amount[row], credits2);
      cost.adjusted += costs.adjusted[row];
      cost.derived += costs.derived[row];
    }
    return cost;
  }
  function drawMoney(data, selection) {
    const unkept = MEMBERS.find((name) => selection[name] !== null && !data.costs[name]);
    const isKept = data.costs.rows > 0 && unkept === void 0;
    const items = [...isKept ? costItems(data, selection) : [], ...balanceItems(data)];
    byId("money").hidden = items.length === 0;
    fill("money", items);
    const notes = isKept ? costNotes(costOf(data, selection)) : [];
    if (data.costs.rows > 0 && unkept)
      notes.push(
        `This version is large: its amounts are not kept by ${{ tenant: "customer" }[unkept] ?? unkept}, so a selection of one has none.`
      );
    byId("money-note").hidden = notes.length === 0;
    say("money-note", notes.join(" "));
  }
  function figure(label, of, shown, exact, lines) {
    return make(
      "div",
      { class: "kpi" },
      make("h2", {}, label, of ? make("span", { class: "of" }, ` ${of}`) : null),
      make("p", { class: "big", "data-exact": exact, title: exact }, shown),
      lines.filter(Boolean).map((line) => make("p", { class: "muted change" }, line))
    );
  }
  function costItems(data, selection) {
    const compared = comparisonOf(data, selection);
    const now = costOf(data, selection);
    const then = tellsMembers(data, compared) ? costOf(data, selection, compared) : null;
    const change2 = (list2, currency, amount) => {
      if (then === null) return compared.missing;
      const before = then[list2].get(currency)?.amount ?? 0n;
      return [make("span", {}, shownChange(amount, before)), ` vs ${compared.dates}`];
    };
    const item2 = (list2, label, of, text) => [...now[list2]].sort(([one], [other]) => one < other ? -1 : 1).map(([currency, { amount, credits: credits2 }]) => {
      const built = figure(
        label,
        of,
        [`${shownAmount(amount, currency)} `, make("span", { class: "unit" }, currency)],
        amountText(amount),
        [change2(list2, currency, amount), text(credits2)]
      );
      built.id = `cost-${list2}-${currency}`;
      return built;
    });
    const agreed = item2("agreed", "Cost", "at the agreed price", (credits2) => `${shownCredits(credits2)} credits`);
    const unrated = now.unrated === 0n ? [] : [
      figure("Without an agreed price", "", shownCredits(now.unrated), exactText(now.unrated), [
        "credits that no rate covers"
      ])
    ];
    const list = item2("list", "Cost", "at the list price", (credits2) => `all ${shownCredits(credits2)} credits`);
    return [...agreed, ...unrated, ...list];
  }
  function costNotes(cost) {
    const notes = ["The list price is for comparison; no amount contains another."];
    if (cost.adjusted !== 0n) notes.push(`Amounts include adjustments of ${shownCredits(cost.adjusted)} credits.`);
    if (cost.derived !== 0n)
      notes.push(
        `${shownCredits(cost.derived)} credits are derived from tokens and their price, since Corti reports tokens only.`
      );
    return notes;
  }
  function balanceItems(data) {
    const { balances, words } = data;
    const word = (column, row) => column[row] === OTHERS ? null : words[column[row]];
    const items = [];
    for (let row = 0; row < Math.min(balances.rows, MOST_ACCOUNTS); row += 1) {
      const account = [word(balances.account, row), word(balances.environment, row)].filter(Boolean).join(", ");
      const more = balances.rows > MOST_ACCOUNTS && row === MOST_ACCOUNTS - 1;
      items.push(
        figure(
          "Prepaid credits left",
          balances.rows > 1 ? account : "all usage",
          shownCredits(balances.remaining[row]),
          exactText(balances.remaining[row]),
          [
            runway(...["runway", "runway_low", "runway_high"].map((name) => word(balances[name], row))),
            balances.overdrawn[row] > 0n ? `${shownCredits(balances.overdrawn[row])} used on the last day beyond what there was` : null,
            balances.expires[row] === OTHERS ? null : `${shownCredits(balances.expiring[row])} expire on ${shownDay(data.dayOfBucket[balances.expires[row]])}`,
            `as of ${shownDay(data.dayOfBucket[balances.day[row]])}`,
            more ? `${shownCount(balances.rows - MOST_ACCOUNTS)} more accounts in mart_credit_balance` : null
          ]
        )
      );
    }
    return items;
  }
  function runway(days, low, high) {
    if (days === null) return "how long they last is not known";
    if (days === "0") return "nothing is left";
    const range = low === null ? NO_FIGURE : high === null ? `at least ${low}` : `${low} to ${high}`;
    return [make("span", {}, `last ${plural(Number(days), "day")}`), `, likely ${range}`];
  }

  // js/trust.js
  var STATES = { good: "in order", look: "worth a look" };
  function drawTrust(data, selection) {
    const now = total(data, selection);
    const count = (columns, rows) => rows.reduce((sum, row) => sum + columns.operations[row], 0);
    const unreported = count(data.unreported, chosenRows(data, data.unreported, selection));
    const missing = count(data.missing, chosenRows(data, data.missing, selection));
    const items = [
      freshness(data, lastUsage(data, selection)),
      ...data.tenantOnly ? [] : [captureCoverage(data, selection, missing)],
      reconciliationItem(data, selection),
      item(
        "unmapped",
        "Unmapped",
        shownShare(now.unmapped, now.credits),
        now.unmapped === 0n ? "good" : "look",
        [credits(now.unmapped), " credits without a known user or customer"],
        exactText(now.unmapped)
      ),
      item(
        "unreported",
        "Unreported",
        shownShare(BigInt(unreported), BigInt(now.operations)),
        unreported === 0 ? "good" : "look",
        [`${plural(unreported, "operation")} whose usage never came, counted as 0`],
        String(unreported)
      ),
      item(
        "estimated",
        "Estimated",
        shownShare(now.estimated, now.credits),
        now.estimated === 0n ? "good" : "look",
        [credits(now.estimated), " credits from a socket's running total"],
        exactText(now.estimated)
      ),
      ...data.lines ? [quarantined(data)] : [],
      ...data.unread ? [unreadFiles(data.unread)] : []
    ];
    say("trust-note", data.tenantOnly ? "" : "Of the selection, unless a figure says otherwise");
    const states = Object.entries(STATES).map(
      ([state, text]) => make("span", { class: `step ${state}` }, make("span", { class: "dot", "aria-hidden": "true" }), text)
    );
    fill("trust", make("dl", { class: "trust" }, items), make("p", { class: "legend" }, states));
  }
  function item(id, label, figure2, state, detail, exact, of) {
    return make(
      "div",
      { class: `trust-item ${state}`, id: `trust-${id}` },
      make("dt", {}, label, of ? make("span", { class: "of" }, of) : null),
      make(
        "dd",
        { class: "trust-figure", "data-exact": exact },
        figure2,
        STATES[state] ? [
          make("span", { class: "dot", "aria-hidden": "true" }),
          make("span", { class: "visually-hidden" }, `, ${STATES[state]}`)
        ] : null
      ),
      make("dd", { class: "muted" }, detail)
    );
  }
  function lastUsage(data, selection) {
    const days = [...byDayAndKind(data, selection, selection).keys()];
    if (days.length === 0) return null;
    const last = days.reduce((one, other) => Math.max(one, other));
    return knowsDays(data, selection) ? shownDay(last) : shownMonth(last);
  }
  function freshness(data, lastUse) {
    const { usage, heartbeat, silentSources } = data.lastSigns;
    const details = [
      usage === null ? "no usage" : `last usage ${age(usage)}`,
      ...heartbeat === null ? [] : [`last heartbeat ${age(heartbeat)}`],
      ...silentSources ? [`${plural(silentSources, "source")} silent in hours that usually bring usage`] : [],
      `published ${age(data.builtAt)}, ${builtAt(data)}`,
      lastUse === null ? "no usage in this selection" : `last usage in this selection: ${lastUse}`
    ];
    return item(
      "freshness",
      "Freshness",
      usage === null ? "no usage" : age(usage),
      silentSources ? "look" : "plain",
      [details.join("; ")],
      usage ?? "",
      "all usage"
    );
  }
  function age(moment, now = Date.now()) {
    const hours = Math.floor((now - new Date(moment).getTime()) / 36e5);
    if (hours <= 0) return "within the hour";
    return hours < 48 ? `${hours} h ago` : `${plural(Math.floor(hours / 24), "day")} ago`;
  }
  function builtAt(data) {
    return `${shownDay(dayOf(data.builtAt.slice(0, 10)))}, ${data.builtAt.slice(11, 16)} UTC`;
  }
  function captureCoverage(data, selection, missing) {
    const { coverage } = data;
    const sums = { created: 0, covered: 0, failed: 0 };
    for (const row of chosenRows(data, coverage, selection)) {
      sums.created += coverage.created[row];
      sums.covered += coverage.covered[row];
      sums.failed += coverage.failed_days[row];
    }
    if (coverage.rows === 0)
      return item(
        "coverage",
        "Capture coverage",
        "not measured",
        "plain",
        ["Corti was not asked what was created: credits pull does so"],
        ""
      );
    const gaps = sums.failed ? `; ${plural(sums.failed, "day")} whose pull failed` : "";
    const detail = `${shownCount(sums.covered)} of ${shownCount(sums.created)} that Corti lists have a record${gaps}; missing in the selection: ${shownCount(missing)}`;
    const state = sums.covered === sums.created && !sums.failed ? "good" : "look";
    return item(
      "coverage",
      "Capture coverage",
      shownShare(BigInt(sums.covered), BigInt(sums.created)),
      state,
      [detail],
      `${sums.covered}/${sums.created}`,
      data.tenantOnly ? null : "all customers"
    );
  }
  function reconciliationItem(data, selection) {
    const { reconciliation } = data;
    const label = "Reconciliation";
    let [totals, matched] = [0, 0];
    const [first, last] = [data.byMonth ? monthStart(data.first) : data.first, data.last];
    for (let row = 0; row < reconciliation.rows; row += 1) {
      const [from, to] = [data.dayOfBucket[reconciliation.from[row]], data.dayOfBucket[reconciliation.to[row]]];
      const fits = ["tenant", "user"].every(
        (name) => selection[name] === null || reconciliation[name][row] === selection[name]
      );
      if (!fits || to < selection.from || from > selection.to || Math.max(from, first) < selection.from || Math.min(to, last) > selection.to)
        continue;
      totals += reconciliation.totals[row];
      if (data.words[reconciliation.status[row]] === "matched") matched += reconciliation.totals[row];
    }
    if (reconciliation.rows === 0)
      return item("reconciliation", label, "not compared", "plain", ["Corti's own totals were not given"], "");
    if (totals === 0)
      return item(
        "reconciliation",
        label,
        "not compared",
        "plain",
        ["no total of Corti's is within this selection"],
        "0/0"
      );
    return item(
      "reconciliation",
      label,
      `${shownCount(matched)} of ${shownCount(totals)}`,
      matched === totals ? "good" : "look",
      ["of Corti's own totals match ours"],
      `${matched}/${totals}`,
      "all kinds"
    );
  }
  function quarantined(data) {
    const { lines, rejected } = data.lines;
    return item(
      "quarantined",
      "Quarantined",
      shownShare(BigInt(rejected), BigInt(lines)),
      rejected === 0 ? "good" : "look",
      [`${shownCount(rejected)} of ${plural(lines, "line")} read ${rejected === 1 ? "was" : "were"} refused`],
      `${rejected}/${lines}`,
      "all usage"
    );
  }
  var UNREAD_SHOWN = 3;
  function unreadFiles({ count, files }) {
    const shown = files.slice(0, UNREAD_SHOWN);
    const rest = count - shown.length;
    return item(
      "unread",
      "Not read",
      shownCount(count),
      count === 0 ? "good" : "look",
      count === 0 ? ["every file below landing is read"] : [
        ...shown.map(([path, reason]) => make("p", {}, make("code", {}, path), ` ${reason}`)),
        rest ? make("p", {}, `and ${shownCount(rest)} more, in mart_unread_files`) : null
      ],
      String(count),
      "all files"
    );
  }

  // js/main.js
  function start() {
    showTheme();
    orFail(() => show(readDataset()))();
  }
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
          make("p", {}, `Its figures can't be read (${error.message}). `, ...remedy())
        );
        state.dataset.state = "error";
        state.hidden = false;
      }
    };
  }
  function remedy() {
    return /"tenantOnly":"/.test(byId("data").textContent) ? ["Ask whoever sent it for a new one."] : ["Make it again: ", make("code", {}, "credits run")];
  }
  function show(data) {
    const state = byId("state");
    say(
      "subtitle",
      `Made ${builtAt(data)}${data.last === null ? "" : `; usage ${[...new Set([data.first, data.last].map(shownDay))].join(" to ")}`}`
    );
    if (data.tenantOnly !== null) nameTheTenant(data);
    drawFoot(data);
    if (data.last === null) {
      fill(
        state,
        make("p", { class: "state-title" }, "No usage yet"),
        make("p", {}, "This version holds no operations: usage shows here once records have landed.")
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
    const choose = orFail((change2, said = []) => {
      const shown = selection;
      selection = keptTogether(data, { ...selection, ...change2 });
      notes = said;
      const dated = shown.preset === null && selection.preset === null && MEMBERS.every((name) => shown[name] === selection[name]);
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
        `${inWords(data, selection)}: ${byId("kpi-credits").textContent} credits in ${byId("kpi-operations").textContent} ${byId("kpi-operations").dataset.exact === "1" ? "operation" : "operations"}.`
      );
      document.documentElement.dataset.ready = String(Number(document.documentElement.dataset.ready ?? 0) + 1);
    };
    buildFilters(data, choose, tell);
    redraw();
    for (const moved of ["popstate", "hashchange"]) {
      window.addEventListener(
        moved,
        orFail(() => {
          if (location.hash === drawnFor) return;
          drawnFor = location.hash;
          ({ selection, notes } = selectionFrom(data, location.hash));
          redraw();
        })
      );
    }
    byId("skip").addEventListener("click", (event) => {
      event.preventDefault();
      byId("main").focus();
    });
    document.addEventListener("click", ({ target }) => {
      const list = target.dataset?.csv;
      if (list === void 0) return;
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
  var UNEVEN_ROWS = 4;
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
  function onPaper(redraw) {
    const paper = (on) => {
      document.documentElement.toggleAttribute("data-paper", on);
      showTheme();
      redraw();
    };
    window.addEventListener("beforeprint", () => paper(true));
    window.addEventListener("afterprint", () => paper(false));
  }
  var askedTheme = null;
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
      `Version ${data.version}. Credits are exact to nine places and shown rounded; point at a figure to see all its places.`
    ];
    notes.push(
      `Days are those of the customer's own time zone; unreported operations${data.tenantOnly ? "" : ", missing ones, capture coverage"} and reconciliation use UTC days.`
    );
    if (data.byMonth) {
      notes.push(
        "This version is large: figures by customer and user are kept by month, and the period is made of whole months, the last one up to the last day with usage."
      );
      const days = data.tenantOnly ? "" : ` Single days are kept for all customers together and for the ${shownCount(data.daysNamed)} with the most credits.`;
      notes.push(`${days}`.trim());
      if (data.folded.includes("user_id"))
        notes.push(
          `${plural(data.otherUsers, "user")} with the fewest credits ${data.otherUsers === 1 ? "is" : "are"} summed as other users, by customer; every sum includes them.`
        );
      if (data.folded.includes("tenant_id"))
        notes.push("The customers with the fewest credits are summed as other customers; every sum includes them.");
    }
    if (data.folded.includes("kind"))
      notes.push("The kinds beyond the 40 with the most credits are summed as other kinds.");
    const unlisted = data.interactionCount - data.interactionIds.length;
    if (unlisted > 0)
      notes.push(
        `${plural(data.interactionIds.length, "interaction")} ${data.interactionIds.length === 1 ? "is" : "are"} listed: those with the most credits of all and of each customer. The other ${shownCount(unlisted)} ${unlisted === 1 ? "is" : "are"} in the sums, not in the list.`
      );
    notes.push("Charts: Apache ECharts, under the Apache License 2.0.");
    fill("foot", ...notes.filter(Boolean).map((note) => make("p", {}, note)));
  }
  start();
})();
