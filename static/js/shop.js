/* What makes the shop quicker or kinder. Every page works without it. */

const root = document.documentElement;
root.classList.add("js");

/* Toasts: short successes in a live region that is there from the start. */

const TOAST_MS = 6000;
const toasts = document.getElementById("toasts");

function sayToast(message) {
  const text = document.createElement("p");
  text.textContent = message;
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.append(text);
  toasts.append(toast);
}

function armToast(toast) {
  const close = document.createElement("button");
  close.type = "button";
  close.className = "toast-close";
  close.setAttribute("aria-label", toasts.dataset.dismiss);
  close.textContent = "\u00d7";
  close.addEventListener("click", () => toast.remove());
  toast.append(close);
  let timer = setTimeout(() => toast.remove(), TOAST_MS);
  const hold = () => clearTimeout(timer);
  const release = () => { hold(); timer = setTimeout(() => toast.remove(), TOAST_MS); };
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("pointerleave", release);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("focusout", release);
}

toasts.querySelectorAll(".toast").forEach(armToast);
new MutationObserver((changes) => {
  for (const change of changes) {
    for (const node of change.addedNodes) if (node.classList?.contains("toast")) armToast(node);
  }
}).observe(toasts, { childList: true });
document.addEventListener("toast", (event) => sayToast(event.detail.message));

/* A form on its way: the button says so, keeps its width, and cannot be pressed twice. */

function beginSubmit(form, button) {
  form.dataset.sending = "";
  if (!button?.dataset.busy) return;
  button.style.minInlineSize = `${button.offsetWidth}px`;
  button.dataset.label = button.textContent;
  button.textContent = button.dataset.busy;
  button.setAttribute("aria-busy", "true");
  button.setAttribute("aria-disabled", "true");
}

function endSubmit(form) {
  delete form.dataset.sending;
  for (const button of form.querySelectorAll("[data-label]")) {
    button.textContent = button.dataset.label;
    delete button.dataset.label;
    button.style.minInlineSize = "";
    button.removeAttribute("aria-busy");
    button.removeAttribute("aria-disabled");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if ("sending" in form.dataset) {
    event.preventDefault();
    event.stopImmediatePropagation();
  } else {
    // After the browser has collected the fields, the pressed button's own value among them.
    setTimeout(() => { if (!event.defaultPrevented || form.matches("[hx-post]")) beginSubmit(form, event.submitter); });
  }
}, true);
document.addEventListener("htmx:finally:request", (event) => {
  const { ctx } = event.detail;
  // On its way to another page the button stays as it is.
  if (!ctx.keepIndicators && ctx.sourceElement.matches("form")) endSubmit(ctx.sourceElement);
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sending]").forEach(endSubmit));

/* What is wrong takes the focus when it arrives, once, and nothing else does. */

function focusSummary() {
  const summary = document.getElementById("error-summary");
  if (!summary || "seen" in summary.dataset) return;
  summary.dataset.seen = "";
  summary.focus();
}

focusSummary();
document.addEventListener("htmx:after:swap", () => {
  focusSummary();
  countAllLines();
});

/* Passwords can be shown. */

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reveal]");
  if (!button) return;
  const input = document.getElementById(button.dataset.reveal);
  const shown = input.type === "password";
  input.type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", String(shown));
  [button.textContent, button.dataset.hide] = [button.dataset.hide, button.textContent];
});

/* Suggested quantities are links; here they only fill the field. */

document.addEventListener("click", (event) => {
  const preset = event.target.closest("[data-preset]");
  if (!preset) return;
  event.preventDefault();
  const input = document.getElementById(preset.dataset.for);
  input.value = preset.dataset.preset;
  for (const name of ["input", "change"]) input.dispatchEvent(new Event(name, { bubbles: true }));
});

/* Comments are counted by line, as the provider counts them. */

function countLines(area) {
  const lines = area.value.split("\n").filter((line) => line.trim()).length;
  document.getElementById(area.dataset.countLines).value = lines.toLocaleString(root.lang);
}

function countAllLines() {
  document.querySelectorAll("[data-count-lines]").forEach(countLines);
}

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-count-lines]")) countLines(event.target);
});
countAllLines();

/* The appearance changes at once; the server hears of it in the background. */

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-theme-form]") || !event.submitter) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, event.submitter));
  root.dataset.theme = event.submitter.value;
  for (const button of form.elements) {
    if (button.name === "theme") button.setAttribute("aria-pressed", String(button === event.submitter));
  }
  fetch(form.action, { method: "POST", body, redirect: "manual" }).finally(() => endSubmit(form));
});

/* A menu closes when the attention goes elsewhere. */

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(except)) menu.open = false;
}

document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelector("details.menu[open] > summary")?.focus();
  closeMenus(null);
});
