// Share links of one study: make one, copy it once, list and revoke.

import { account, may } from "./account.js";
import { getJson, request } from "./archive.js";
import { el, fill, icon } from "./dom.js";

const hoursOf = [["1 day", 24], ["1 week", 168], ["1 month", 720]];

/** A button that stays hidden for those who may not share, and where nobody signs in. */
export function shareButton(uid) {
  const button = el("button", { type: "button", class: "button", hidden: true, onclick: () => open(uid) }, icon("share"), "Share");
  Promise.all([account(), may("share")]).then(([{ signedIn }, allowed]) => (button.hidden = !signedIn || !allowed));
  return button;
}

function open(uid) {
  const links = el("ul", { class: "links" });
  const problem = el("p", { class: "share-problem", role: "alert", hidden: true });
  const made = el("div", { class: "made", hidden: true });
  const close = el("button", { type: "button", class: "button" }, "Close");
  const form = el("form", { class: "share-form" },
    el("label", {}, "Opens for", el("select", { name: "hours" }, hoursOf.map(([text, hours]) => el("option", { value: hours, selected: hours === 168 }, text)))),
    el("label", {}, "Passphrase (optional)", el("input", { name: "passphrase", type: "text", minlength: 6, maxlength: 500, autocomplete: "off", spellcheck: "false" })),
    el("label", {}, "For whom", el("input", { name: "note", type: "text", maxlength: 500, autocomplete: "off" })),
    el("label", { class: "tick" }, el("input", { name: "wholePatient", type: "checkbox" }), "All studies of this patient, later ones too"),
    el("label", { class: "tick" }, el("input", { name: "download", type: "checkbox" }), "Images may be downloaded"),
    el("button", { type: "submit", class: "button primary" }, "Make a link"));
  const dialog = el("dialog", { class: "share-dialog", "aria-labelledby": "share-title" },
    el("h2", { id: "share-title" }, "Share this study"), el("p", {}, "Whoever has the link sees the images without an account."), form, problem, made, links,
    el("div", { class: "actions" }, close));
  const tell = (failure) => {
    problem.textContent = failure.message;
    problem.hidden = false;
  };
  const list = async () => fill(links, (await getJson(`shares?study=${encodeURIComponent(uid)}`)).map((link) => row(link, () => list().catch(tell), tell)));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.hidden = true;
    const { hours, passphrase, note, wholePatient, download } = form.elements;
    const body = { study: uid, hours: Number(hours.value), note: note.value, wholePatient: wholePatient.checked, download: download.checked };
    if (passphrase.value) body.passphrase = passphrase.value;
    try {
      const answer = await request("shares", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
      show(made, (await answer.json()).url);
      form.reset();
      await list();
    } catch (failure) {
      tell(failure);
    }
  });
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  list().catch(tell);
}

function show(made, url) {
  const field = el("input", { type: "text", readonly: true, value: url, "aria-label": "The link" });
  const copy = el("button", { type: "button", class: "button" }, "Copy");
  copy.addEventListener("click", async () => {
    field.select();
    await navigator.clipboard?.writeText(url);
    copy.textContent = "Copied";
  });
  fill(made, el("p", {}, "The link, shown this once:"), field, copy);
  made.hidden = false;
  field.select();
}

function row(link, changed, tell) {
  const until = new Date(link.expiresAt).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  const what = [link.state === "open" ? `open until ${until}` : link.state, link.passphrase && "passphrase", link.wholePatient && "whole patient", link.download && "download"];
  const revoke = el("button", { type: "button", class: "button text", onclick: () => request(`shares/${link.id}`, { method: "DELETE" }).then(changed, tell) }, "Revoke");
  return el("li", {}, el("span", {}, link.note || "A link", el("small", {}, what.filter(Boolean).join(" · "))), link.state === "open" && revoke);
}
