// What the pages do beyond plain HTML: theme, copying, dialogs, one submit only, keys. Everything works without it.
(() => {
  "use strict";
  const root = document.documentElement;
  const find = (selector, within = document) => within.querySelector(selector);
  const on = (type, handler, capture = false) => document.addEventListener(type, handler, capture);

  // Says something to screen readers, and to everybody as a notice when `shown`.
  function say(text, shown = false) {
    const status = find("#status");
    if (status) status.textContent = text;
    const template = shown && find("#notice-template");
    if (!template) return;
    const notice = template.content.cloneNode(true);
    find("[data-notice-text]", notice).textContent = text;
    find("#notices").replaceChildren(notice);
  }

  // Theme: automatic → light → dark.
  const themes = ["auto", "light", "dark"];
  function showTheme() {
    document.querySelectorAll("[data-theme-switch]").forEach((button) => {
      const current = root.dataset.theme || "auto";
      const label = button.dataset[`label${current[0].toUpperCase()}${current.slice(1)}`];
      button.setAttribute("aria-label", label);
      button.title = label;
      const word = find("[data-theme-word]", button);
      if (word) word.textContent = label;
      const use = find("use", button);
      use.setAttribute("href", `${use.getAttribute("href").split("#")[0]}#theme-${current}`);
    });
  }
  function nextTheme() {
    const next = themes[(themes.indexOf(root.dataset.theme) + 1) % themes.length];
    root.dispatchEvent(new CustomEvent("numberdesk:theme", { detail: next }));
    showTheme();
  }

  async function copy(button) {
    const text = button.dataset.copy;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Without https there is no clipboard: select it in a field and let the browser copy.
      const field = Object.assign(document.createElement("textarea"), { value: text, readOnly: true });
      field.className = "visually-hidden";
      button.after(field);
      field.select();
      const copied = document.execCommand("copy");
      field.remove();
      button.focus();
      if (!copied) return;
    }
    button.classList.add("is-copied");
    say(button.dataset.copied);
    setTimeout(() => button.classList.remove("is-copied"), 2000);
  }

  // Dialogs: data-dialog-open="id"; a submit button with data-confirm="id" asks first, then submits with confirmed=1.
  let asked = null;
  function openDialog(id, trigger = null) {
    const dialog = document.getElementById(id);
    if (!dialog || dialog.open) return false;
    asked = trigger;
    dialog.showModal();
    return true;
  }
  function confirmed(dialog) {
    const button = asked;
    asked = null;
    dialog.close();
    if (!button?.form) return;
    const field = Object.assign(document.createElement("input"), { type: "hidden", name: "confirmed", value: "1" });
    field.dataset.confirmed = "";
    button.form.append(field);
    button.form.requestSubmit(button);
  }

  on("click", (event) => {
    const hit = (selector) => event.target.closest?.(selector);
    const copyButton = hit("[data-copy]");
    if (copyButton) return copy(copyButton);
    if (hit("[data-theme-switch]")) return nextTheme();
    if (hit("[data-print]")) return print();
    const opener = hit("[data-dialog-open]");
    if (opener) {
      if (openDialog(opener.dataset.dialogOpen)) event.preventDefault();
      return;
    }
    const dialog = hit("dialog");
    if (dialog && (hit("[data-dialog-close]") || event.target === dialog)) return dialog.close();
    if (dialog && hit("[data-dialog-confirm]")) return confirmed(dialog);
    const dismiss = hit("[data-dismiss]");
    if (dismiss) dismiss.closest(".notice").remove();
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  // Ask first. While capturing, so that htmx does not see a submit that is still being asked about.
  on("submit", (event) => {
    const button = event.submitter;
    if (!button?.dataset.confirm || find("input[data-confirmed]", event.target)) return;
    if (!openDialog(button.dataset.confirm, button)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);

  // One submit only: a second click on a form under way does nothing. htmx has taken its own by now.
  on("submit", (event) => {
    const form = event.target;
    const button = event.submitter;
    if (event.defaultPrevented || form.method !== "post" || "again" in form.dataset) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    // After this turn, so that the button's own name and value are sent.
    setTimeout(() => {
      const pressed = button || find("[type=submit]", form);
      if (!pressed) return;
      pressed.setAttribute("aria-busy", "true");
      pressed.disabled = true;
    });
  });
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
    document.querySelectorAll("[aria-busy=true]").forEach((button) => {
      button.removeAttribute("aria-busy");
      button.disabled = false;
    });
    document.querySelectorAll("input[data-confirmed]").forEach((field) => field.remove());
  });

  on("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const search = find("main [data-search]") || find("[data-search]");
      if (!search) return;
      event.preventDefault();
      search.focus();
      search.select();
    }
    if (event.key === "Escape") {
      const menu = event.target.closest?.("details.menu[open]");
      if (menu) {
        menu.open = false;
        find("summary", menu).focus();
      }
    }
  });

  // Filters apply themselves; selected rows are counted; a chosen file is named.
  function countSelected(form) {
    const bar = find(".bulk-bar", form);
    if (!bar) return;
    const boxes = [...form.querySelectorAll(".row-select")];
    const chosen = boxes.filter((box) => box.checked).length;
    bar.classList.toggle("is-empty", chosen === 0);
    const count = find("[data-bulk-count]", bar);
    if (count) count.textContent = chosen;
    const all = find(".row-select-all", form);
    if (all) {
      all.checked = chosen > 0 && chosen === boxes.length;
      all.indeterminate = chosen > 0 && chosen < boxes.length;
    }
  }
  on("change", (event) => {
    const field = event.target;
    if (field.form?.matches("[data-autosubmit]") && !field.matches("[data-search]")) field.form.requestSubmit();
    if (field.matches(".row-select-all")) {
      field.form.querySelectorAll(".row-select").forEach((box) => { box.checked = field.checked; });
    }
    if (field.matches(".row-select, .row-select-all")) countSelected(field.form);
    const drop = field.type === "file" && field.closest(".file-drop");
    if (drop) find("[data-file-name]", drop).textContent = [...field.files].map((file) => file.name).join(", ");
  });
  ["dragenter", "dragleave", "drop"].forEach((type) => on(type, (event) => {
    event.target.closest?.(".file-drop")?.classList.toggle("is-over", type === "dragenter");
  }));

  function prepare(within = document) {
    find("form .form-errors", within)?.focus();
    within.querySelectorAll("form[data-bulk]").forEach(countSelected);
  }
  on("DOMContentLoaded", () => { showTheme(); prepare(); });
  if (document.readyState !== "loading") { showTheme(); prepare(); }

  // A form that is drawn anew while somebody goes on typing: what was typed since it was asked for is put back.
  const typed = (form) => new Map([...new FormData(form)].filter(([, value]) => typeof value === "string"));
  const redrawn = (event) => event.target.closest?.("form[data-redraws]");
  const asking = new WeakMap();
  on("htmx:beforeRequest", (event) => redrawn(event) && asking.set(redrawn(event), typed(redrawn(event))));
  on("htmx:beforeSwap", (event) => {
    const form = redrawn(event);
    const before = form && asking.get(form);
    if (before) asking.set(form, new Map([...typed(form)].filter(([name, value]) => before.get(name) !== value)));
  });
  on("htmx:afterSwap", (event) => {
    const form = redrawn(event);
    if (!form) return;
    for (const [name, value] of asking.get(form) ?? []) if (form.elements[name]) form.elements[name].value = value;
    asking.delete(form);
  });

  // htmx: say when the panel did not answer instead of failing silently.
  on("htmx:afterSwap", (event) => prepare(event.target));
  ["htmx:sendError", "htmx:responseError", "htmx:timeout"].forEach((type) => on(type, () => {
    say(document.body.dataset.unreachable, true);
  }));
})();
