// Files of documents: chosen or dropped, several at once, each sent on its own with progress and cancel. Without it the form does it.
(() => {
  "use strict";
  const form = document.querySelector("form[data-uploads]");
  const words = document.querySelector("[data-upload-words]")?.dataset;
  if (!form || !words) return;
  const queue = form.querySelector("[data-upload-queue]");
  const row = document.getElementById("upload-row").content;
  const type = form.elements.document_type;
  const button = form.querySelector("button[type=submit]");
  const status = document.getElementById("status");
  const items = [];
  const part = (item, name) => item.row.querySelector(`[data-upload-${name}]`);
  const size = (bytes) => new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1, style: "unit", unit: bytes < 1e6 ? "kilobyte" : "megabyte" }).format(bytes / (bytes < 1e6 ? 1e3 : 1e6));

  function tell(item, state, text) {
    item.state = state;
    item.row.dataset.state = state;
    part(item, "state").textContent = text;
    part(item, "progress").hidden = state !== "sending";
    part(item, "cancel").hidden = state === "done";
    part(item, "cancel-word").textContent = state === "sending" ? words.stop : words.remove;
  }

  function add(file) {
    const same = (other) => other.file.name === file.name && other.file.size === file.size && other.file.lastModified === file.lastModified;
    if (items.some((item) => item.state !== "done" && same(item))) return;
    const item = { file, row: row.cloneNode(true).firstElementChild };
    part(item, "name").textContent = file.name;
    part(item, "size").textContent = size(file.size);
    part(item, "cancel-name").textContent = `: ${file.name}`;
    part(item, "progress").setAttribute("aria-label", file.name);
    part(item, "cancel").addEventListener("click", () => {
      if (item.state === "sending") return item.request.abort();
      items.splice(items.indexOf(item), 1);
      item.row.remove();
      (queue.querySelector("[data-upload-cancel]:not([hidden])") || form.elements.documents).focus();
    });
    items.push(item);
    queue.append(item.row);
    const isLarge = file.size > Number(words.most) * 1024 * 1024;
    tell(item, isLarge ? "bad" : "ready", isLarge ? words.large : "");
  }

  form.addEventListener("change", (event) => {
    if (event.target.type !== "file") return;
    [...event.target.files].forEach(add);
    event.target.value = "";
    form.querySelectorAll("[data-file-name]").forEach((name) => { name.textContent = ""; });
  });

  // Dropped anywhere on the page: beside the field the browser would open the file and leave.
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    [...event.dataTransfer.files].forEach(add);
  });

  function send(item) {
    return new Promise((resolve) => {
      const body = new FormData();
      body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
      body.append("document_type", type.value);
      body.append("documents", item.file);
      const request = item.request = new XMLHttpRequest();
      const bar = part(item, "progress");
      request.open("POST", form.action);
      request.setRequestHeader("Accept", "application/json");
      request.upload.addEventListener("progress", (event) => {
        bar.value = event.lengthComputable ? Math.round((event.loaded / event.total) * 100) : 0;
        if (event.loaded === event.total) {
          bar.removeAttribute("value");
          part(item, "state").textContent = words.checking;
        }
      });
      request.addEventListener("load", () => {
        let answer;
        try { answer = JSON.parse(request.responseText); } catch { answer = { ok: false, again: true, text: words.failed }; }
        tell(item, answer.ok ? "done" : answer.again ? "ready" : "bad", answer.text);
        resolve();
      });
      request.addEventListener("error", () => { tell(item, "ready", words.failed); resolve(); });
      request.addEventListener("abort", () => { tell(item, "ready", words.cancelled); resolve(); });
      bar.value = 0;
      tell(item, "sending", words.sending);
      request.send(body);
    });
  }

  // Before the panel's own handlers of submit: these files are sent here.
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    const ready = items.filter((item) => item.state === "ready");
    const problem = !type.value ? words.type : !ready.length ? words.none : "";
    type.setAttribute("aria-invalid", String(!type.value));
    type.classList.toggle("is-invalid", !type.value);
    if (problem) {
      status.textContent = problem;
      form.querySelector("[data-upload-problem]")?.remove();
      const note = Object.assign(document.createElement("p"), { className: "field-error", textContent: problem });
      note.dataset.uploadProblem = "";
      queue.before(note);
      return (type.value ? form.elements.documents : type).focus();
    }
    form.querySelector("[data-upload-problem]")?.remove();
    button.disabled = type.disabled = true;
    for (const item of ready) await send(item);
    button.disabled = type.disabled = false;
    if (document.activeElement === document.body) button.focus(); // a button that is switched off loses it
    if (items.every((item) => item.state === "done")) status.textContent = words.done;
    document.body.dispatchEvent(new CustomEvent("papers-changed"));
  });
})();
