// Days are whole numbers since 1970, so that no time zone can move them.

export const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
export const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

export function dayOf(text) {
  const [year, month, day] = text.split("-").map(Number);
  return Date.UTC(year, month - 1, day) / 86400000;
}

export function parts(day) {
  const at = new Date(day * 86400000);
  return { year: at.getUTCFullYear(), month: at.getUTCMonth(), date: at.getUTCDate() };
}

export function isoDay(day) {
  return new Date(day * 86400000).toISOString().slice(0, 10);
}

export function isDay(text) {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(dayOf(text)) && isoDay(dayOf(text)) === text;
}

export function weekday(day) {
  return (((day + 3) % 7) + 7) % 7;
}

export function monthStart(day, later = 0) {
  const { year, month } = parts(day);
  return Date.UTC(year, month + later, 1) / 86400000;
}

export function monthEnd(day, later = 0) {
  return monthStart(day, later + 1) - 1;
}

export function monthsBetween(first, last) {
  const [one, other] = [parts(first), parts(last)];
  return (other.year - one.year) * 12 + other.month - one.month;
}

export function shownDay(day) {
  const { year, month, date } = parts(day);
  return `${date} ${MONTHS[month]} ${year}`;
}

export function shownMonth(day) {
  const { year, month } = parts(day);
  return `${MONTHS[month]} ${year}`;
}

export function shownRange(from, to) {
  const [first, last] = [parts(from), parts(to)];
  const wholeMonths = first.date === 1 && to === monthEnd(to);
  if (wholeMonths && monthsBetween(from, to) === 0) return shownMonth(from);
  if (wholeMonths) return `${first.year === last.year ? MONTHS[first.month] : shownMonth(from)} – ${shownMonth(to)}`;
  if (from === to) return shownDay(from);
  if (first.year !== last.year) return `${shownDay(from)} – ${shownDay(to)}`;
  if (first.month !== last.month) return `${first.date} ${MONTHS[first.month]} – ${shownDay(to)}`;
  return `${first.date} – ${shownDay(to)}`;
}

// As many days before, or as many months if the period begins with a month.
export function periodBefore({ from, to }) {
  if (parts(from).date !== 1) return { from: from - (to - from + 1), to: from - 1 };
  const months = monthsBetween(from, to) + 1;
  const last = monthEnd(to, -months);
  const sameDate = monthStart(to, -months) + parts(to).date - 1;
  return { from: monthStart(from, -months), to: to === monthEnd(to) ? last : Math.min(last, sameDate) };
}

export function stepOf({ from, to }, byMonth) {
  const days = to - from + 1;
  if (byMonth || days > 400) return "month";
  return days <= 62 ? "day" : "week";
}

// The pieces in which a period is drawn: days, weeks up to its last day, or calendar months. An incomplete week or
// month has fewer days than its length.
export function pieces({ from, to }, step) {
  const days = to - from + 1;
  if (step === "month") {
    return Array.from({ length: monthsBetween(from, to) + 1 }, (_, n) => ({
      from: Math.max(from, monthStart(from, n)),
      to: Math.min(to, monthEnd(from, n)),
      step,
    }));
  }
  const size = step === "day" ? 1 : 7;
  const count = Math.ceil(days / size);
  return Array.from({ length: count }, (_, n) => ({
    from: Math.max(from, to + 1 - (count - n) * size),
    to: to - (count - n - 1) * size,
    step,
  }));
}

// The corresponding pieces of the period before: days and months from the first on, weeks from the last back, with as
// many days. None if that period is shorter; if it is longer, there is a rest.
export function piecesBefore(ranges, before) {
  const months = pieces(before, "month");
  return ranges.map((range, n) => {
    if (range.step === "month") return months[n] ?? null;
    const later = before.to - ranges.at(-1).to;
    const [from, to] =
      range.step === "day" ? [before.from + n, before.from + n] : [range.from + later, range.to + later];
    const piece = { from: Math.max(from, before.from), to: Math.min(to, before.to), step: range.step };
    return piece.from <= piece.to ? piece : null;
  });
}

export function isPartial({ from, to, step }) {
  if (step === "month") return to - from !== monthEnd(from) - monthStart(from);
  return step === "week" && to - from !== 6;
}
