// Comfort only: every form and link works without this file.
"use strict";

// Copy buttons and boxes for all show themselves, since they do nothing without a script.
function copyButtons(root) {
  for (const button of root.querySelectorAll("[data-copy], [data-all]")) {
    button.hidden = false;
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-dismiss], [data-all]");
  if (!button) return;
  if ("dismiss" in button.dataset) {
    button.closest("[data-toast]").remove();
  } else if ("copy" in button.dataset) {
    const word = button.firstChild;
    await navigator.clipboard.writeText(button.dataset.copy);
    word.data = "Copied";
    setTimeout(() => { word.data = "Copy"; }, 2000);
  } else if ("all" in button.dataset) {
    for (const box of document.querySelectorAll(`input[type=checkbox][name="${CSS.escape(button.dataset.all)}"]`)) {
      box.checked = button.checked;
    }
  }
});

// One click sends a form once; coming back to the page frees its buttons.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  for (const button of form.querySelectorAll("button[type=submit]")) button.setAttribute("aria-busy", "true");
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  }
});

// Parts of the page that follow what happens: the same page is read again, and parts with `data-live` are replaced. The value is
// the number of seconds in between. It ends when no part is live any more, and rests while nobody looks.
function follow() {
  const live = document.querySelector("[data-live]");
  if (!live) return;
  setTimeout(async () => {
    if (!document.hidden) {
      try {
        const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "error" });
        if (!answer.ok) return;
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        for (const part of document.querySelectorAll("[data-live]")) {
          const fresh = page.getElementById(part.id);
          if (fresh && !part.contains(document.activeElement)) {
            if (fresh.innerHTML !== part.innerHTML) part.replaceWith(fresh);
          } else if (!fresh) {
            part.removeAttribute("data-live");
          }
        }
        copyButtons(document);
      } catch {
        // The next try says whether the server is there again.
      }
    }
    follow();
  }, Math.max(1, Number(live.dataset.live) || 2) * 1000);
}

// Text that is checked on the server while it is typed: `data-check` says where, `data-check-into` which part shows the answer.
let waiting;
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-check]");
  if (!form) return;
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    const body = new URLSearchParams(new FormData(form));
    const into = document.getElementById(form.dataset.checkInto);
    try {
      const answer = await fetch(form.dataset.check, { method: "POST", body, redirect: "error" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(into.id);
      if (fresh) into.replaceChildren(...fresh.childNodes);
    } catch {
      // The answer that is shown stays; the button checks it again.
    }
  }, 300);
});

// A filter that is chosen applies at once.
document.addEventListener("change", (event) => {
  const filters = event.target.closest("form.filters");
  if (filters && event.target.matches("select") && !document.querySelector(".filter-set:popover-open")) filters.requestSubmit();
});

copyButtons(document);
document.querySelector(".callout[role=alert]")?.focus();
follow();

// Passkeys: a form says what the browser is to be asked for; the answer goes into its hidden field, and the form is sent.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function known(list) {
  return (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));
}

async function askForPasskey(form) {
  const asked = JSON.parse(form.dataset.options);
  asked.challenge = bytes(asked.challenge);
  if (form.dataset.passkey === "create") {
    asked.user.id = bytes(asked.user.id);
    asked.excludeCredentials = known(asked.excludeCredentials);
    const made = await navigator.credentials.create({ publicKey: asked });
    form.elements.registration.value = JSON.stringify({
      id: text(made.rawId),
      clientDataJSON: text(made.response.clientDataJSON),
      authenticatorData: text(made.response.getAuthenticatorData()),
      publicKey: text(made.response.getPublicKey()),
      publicKeyAlgorithm: made.response.getPublicKeyAlgorithm(),
    });
  } else {
    asked.allowCredentials = known(asked.allowCredentials);
    const used = await navigator.credentials.get({ publicKey: asked });
    const handle = used.response.userHandle;
    form.elements.assertion.value = JSON.stringify({
      id: text(used.rawId),
      clientDataJSON: text(used.response.clientDataJSON),
      authenticatorData: text(used.response.authenticatorData),
      signature: text(used.response.signature),
      userHandle: handle ? text(handle) : null,
    });
  }
  HTMLFormElement.prototype.submit.call(form);
}

// Such forms do nothing without a script, so that only a script shows them.
for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    // Whoever changes one's mind may try again.
    askForPasskey(form).catch(() => form.querySelector("button").focus());
  });
}
