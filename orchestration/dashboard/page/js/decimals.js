// Exact decimals: credits are whole numbers of 1e-9, as BigInt. Floats are used only for drawing.

export const ONE = 1000000000n;
export const NO_FIGURE = "–";

export function exactOf(text) {
  if (text === "") return 0n;
  const negative = text[0] === "-";
  const [whole, places = ""] = (negative ? text.slice(1) : text).split(".");
  const value = BigInt(whole) * ONE + BigInt(places.padEnd(9, "0"));
  return negative ? -value : value;
}

// All nine places, as in SQL.
export function exactText(value) {
  const size = value < 0n ? -value : value;
  return `${value < 0n ? "-" : ""}${size / ONE}.${String(size % ONE).padStart(9, "0")}`;
}

// Amounts are exact to 21 places: 9 of credits and 12 of a price.
const AMOUNT_PLACES = 21;
const CURRENCY_PLACES = 2;

export function amountOf(text) {
  const [whole, places = ""] = text.replace("-", "").split(".");
  const value = BigInt(whole + places.padEnd(AMOUNT_PLACES, "0"));
  return text.startsWith("-") ? -value : value;
}

export function amountText(value) {
  const digits = String(value < 0n ? -value : value).padStart(AMOUNT_PLACES + 1, "0");
  const places = digits.slice(-AMOUNT_PLACES).replace(/0+$/, "");
  return `${value < 0n ? "-" : ""}${digits.slice(0, -AMOUNT_PLACES)}${places ? `.${places}` : ""}`;
}

// Rounded to the places that the currency has.
export function shownAmount(value, currency) {
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

export function divided(part, whole) {
  // Half away from zero.
  const sign = part < 0n !== whole < 0n ? -1n : 1n;
  const [over, under] = [part < 0n ? -part : part, whole < 0n ? -whole : whole];
  return sign * ((over * 2n + under) / (under * 2n));
}

function grouped(digits) {
  return digits.replace(/\B(?=(\d{3})+$)/g, ",");
}

export function shownCredits(value, places = 2) {
  const unit = 10n ** BigInt(9 - places);
  if (value !== 0n && (value < 0n ? -value : value) < unit / 2n)
    return `${value < 0n ? ">−" : "<"}${places ? `0.${"0".repeat(places - 1)}1` : "1"}`;
  const rounded = divided(value, unit);
  const size = String(rounded < 0n ? -rounded : rounded).padStart(places + 1, "0");
  const whole = grouped(size.slice(0, size.length - places));
  return `${rounded < 0n ? "−" : ""}${whole}${places ? "." + size.slice(-places) : ""}`;
}

export function shownCount(value) {
  return grouped(String(value));
}

// From a million on decimal places are not useful: a column drops them for all its figures.
export function placesFor(largest) {
  return largest >= 1000000n * ONE ? 0 : 2;
}

export function plural(count, noun) {
  return `${shownCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

// A share in per cent with one place, calculated with whole numbers only.
export function shownShare(part, whole) {
  if (whole === 0n) return NO_FIGURE;
  const thousandths = divided(part * 1000n, whole);
  if (thousandths === 0n && part !== 0n) return "<0.1 %";
  if (thousandths === 1000n && part !== whole) return ">99.9 %";
  return thousandths === 1000n ? "100 %" : `${thousandths / 10n}.${thousandths % 10n} %`;
}

export function shownChange(now, before) {
  if (before === 0n) return now === 0n ? NO_FIGURE : "new";
  const thousandths = divided((now - before) * 1000n, before);
  const size = thousandths < 0n ? -thousandths : thousandths;
  if (size >= 1000000n) return "× 999+";
  if (size >= 10000n) return `× ${grouped(String(divided(now, before)))}`;
  const sign = thousandths === 0n ? "" : thousandths < 0n ? "−" : "+";
  return `${sign}${size >= 1000n ? divided(size, 10n) : `${size / 10n}.${size % 10n}`} %`;
}

export function forDrawing(value) {
  return Number(value) / 1e9;
}
