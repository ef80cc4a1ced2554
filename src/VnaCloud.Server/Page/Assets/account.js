// Who has signed in and what that allows. The server decides; the page only hides what it would refuse.

import { byId, el, fill } from "./dom.js";

let asked = null;

/** Name and rights of the visitor; nobody's where the server cannot be asked. */
export const account = () => (asked ??= fetch("access/me", { cache: "no-store" }).then(
  (answer) => (answer.ok ? answer.json() : nobody), () => nobody));

const nobody = { name: "", rights: [], signedIn: false };

export const may = async (right) => (await account()).rights.includes(right);

/** The visitor's name with a way out, and no uploads for those who may not store. */
export async function startAccount() {
  const { name, rights, signedIn } = await account();
  for (const id of ["pick-folder", "pick-files"]) byId(id).hidden = !rights.includes("write");
  if (!signedIn) return;
  fill(byId("account"), el("form", { method: "post", action: "access/sign-out", class: "account" },
    el("span", { class: "on-wide", title: `May ${rights.join(", ") || "do nothing"}` }, name),
    el("button", { type: "submit", class: "button text" }, "Sign out")));
}
