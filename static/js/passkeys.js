// Passkeys: forms marked with data-passkey ask the browser for one before they are sent. And recovery codes: kept as a file, or printed.
(() => {
  "use strict";
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const described = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  async function optionsOf(form) {
    if (!form.dataset.passkeyOptions) return JSON.parse(document.getElementById("passkey-options").textContent).publicKey;
    const answer = await fetch(form.dataset.passkeyOptions, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error("no options");
    return (await answer.json()).request_options.publicKey;
  }

  async function made(form) {
    const options = await optionsOf(form);
    const alone = Boolean(form.elements.passwordless?.checked);
    const chosen = { ...options.authenticatorSelection, residentKey: alone ? "required" : "discouraged", requireResidentKey: alone };
    if (alone) chosen.userVerification = "required";
    const given = await navigator.credentials.create({
      publicKey: {
        ...options,
        authenticatorSelection: chosen,
        challenge: bytes(options.challenge),
        user: { ...options.user, id: bytes(options.user.id) },
        excludeCredentials: described(options.excludeCredentials),
      },
    });
    const said = given.response;
    return told(given, { clientDataJSON: text(said.clientDataJSON), attestationObject: text(said.attestationObject), transports: said.getTransports?.() || [] });
  }

  async function shown(form) {
    const options = await optionsOf(form);
    const given = await navigator.credentials.get({
      publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: described(options.allowCredentials) },
    });
    const said = given.response;
    return told(given, {
      clientDataJSON: text(said.clientDataJSON),
      authenticatorData: text(said.authenticatorData),
      signature: text(said.signature),
      userHandle: said.userHandle ? text(said.userHandle) : null,
    });
  }

  function told(given, response) {
    return {
      type: given.type,
      id: given.id,
      rawId: text(given.rawId),
      authenticatorAttachment: given.authenticatorAttachment,
      clientExtensionResults: given.getClientExtensionResults(),
      response,
    };
  }

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const trouble = form.querySelector("[data-passkey-trouble]");
      trouble.hidden = true;
      try {
        const credential = await (form.dataset.passkey === "create" ? made(form) : shown(form));
        form.elements.credential.value = JSON.stringify(credential);
        form.submit();
      } catch {
        trouble.hidden = false;
      }
    });
  }

  const codes = document.querySelector("[data-codes]");
  document.querySelector("[data-codes-print]")?.addEventListener("click", () => window.print());
  document.querySelector("[data-codes-download]")?.addEventListener("click", (event) => {
    const lines = [...codes.children].map((code) => code.textContent.trim()).join("\n") + "\n";
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([lines], { type: "text/plain" }));
    link.download = event.currentTarget.dataset.codesDownload;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
})();
