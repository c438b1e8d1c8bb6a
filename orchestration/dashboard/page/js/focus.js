// Lists are built again with every change; the keyboard focus must stay where it was.

// Marks an element as the same one in a list that is built again.
export function keepable(element, ...names) {
  element.dataset.focus = names.join(" ");
  return element;
}

function kept(names) {
  return [...document.querySelectorAll("[data-focus]")].find((element) => element.dataset.focus === names);
}

// If an element no longer exists, the focus goes to the next one in its list, or else to the list's heading.
export function keepingFocus(redraw) {
  const left = document.activeElement;
  const names = left?.dataset?.focus;
  const list = left?.closest(".card");
  const place = list ? list.querySelectorAll("tbody tr").length : 0;
  redraw();
  if (names === undefined || left.isConnected) return;
  const again =
    kept(names) ?? list.querySelectorAll("tbody tr")[place]?.querySelector("button") ?? list.querySelector("h2");
  if (again.tagName === "H2") again.tabIndex = -1;
  again.focus({ preventScroll: true });
}
