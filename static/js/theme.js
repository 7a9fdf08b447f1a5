// Before the first paint: the theme that was chosen here, else the system's. Kept small, it blocks.
(function (root) {
  "use strict";
  var stored = null;
  try { stored = localStorage.getItem("numberdesk-theme"); } catch (error) { /* storage is off: follow the system */ }
  var dark = matchMedia("(prefers-color-scheme: dark)");
  function apply(choice) {
    root.dataset.theme = choice;
    root.dataset.bsTheme = choice === "auto" ? (dark.matches ? "dark" : "light") : choice;
  }
  // Whether the system draws flags: only an emoji of a flag leaves colour on a canvas.
  function drawsFlags() {
    var canvas = document.createElement("canvas");
    canvas.width = canvas.height = 12;
    var pen = canvas.getContext("2d", { willReadFrequently: true });
    if (!pen) return false;
    pen.font = "12px sans-serif";
    pen.textBaseline = "top";
    pen.fillText("\u{1F1E9}\u{1F1EA}", 0, 0);
    var pixels = pen.getImageData(0, 0, 12, 12).data;
    for (var i = 0; i < pixels.length; i += 4) if (Math.abs(pixels[i] - pixels[i + 2]) > 40) return true;
    return false;
  }
  root.classList.add("js");
  if (drawsFlags()) root.classList.add("flags");
  apply(stored === "dark" || stored === "light" ? stored : "auto");
  dark.addEventListener("change", function () { apply(root.dataset.theme); });
  root.addEventListener("numberdesk:theme", function (event) {
    apply(event.detail);
    try { localStorage.setItem("numberdesk-theme", event.detail); } catch (error) { /* not kept */ }
  });
})(document.documentElement);
