// The page's addresses: "#/?PatientName=doe" is the list, "#/study/1.2.3" a study, "#/patient/4711" a patient, "#/statistics". They are fragments because search terms name
// patients, and a fragment is never sent to a server, its proxies or their logs.

import { startAccount } from "./account.js";
import { version } from "./archive.js";
import { byId } from "./dom.js";
import { startKeys } from "./keys.js";
import { forgetList, refreshList, showList, startList } from "./list.js";
import { showPatient } from "./patient.js";
import { startPicking } from "./pick.js";
import { startPreview } from "./preview.js";
import { showStatistics } from "./statistics.js";
import { showStudy } from "./study.js";
import { startUploads } from "./uploads.js";

let listAddress = "#/";
let listScroll = 0;
let lastStudy = null; // where the keyboard goes on after a study

async function route() {
  const address = location.hash || "#/";
  const [, view, key] = /^#\/(study|patient|statistics)(?:\/([^/?]+))?/.exec(address) ?? [];
  if (view) await showView(view, decodeURIComponent(key ?? ""), address);
  else await showStudies(address);
}

async function showView(view, key, address) {
  if (!byId("list").hidden) listScroll = scrollY;
  if (view === "study") lastStudy = address;
  show(view);
  scrollTo(0, 0);
  const parameters = parametersOf(address);
  const title = view === "study" ? await showStudy(key, deleted)
    : view === "patient" ? await showPatient(key, parameters.get("issuer") ?? "")
    : (await showStatistics(parameters.get("days") ?? "30"), "Statistics");
  for (const link of document.querySelectorAll("a.back")) link.href = listAddress;
  document.title = title ? `${title} · VnaCloud` : "VnaCloud";
  if (title && document.activeElement === document.body) byId(`${view}-title`)?.focus({ preventScroll: true });
}

async function showStudies(address) {
  const returning = byId("list").hidden;
  listAddress = address;
  show("list");
  document.title = "Studies · VnaCloud";
  await showList(parametersOf(address));
  if (!returning) return;
  scrollTo(0, listScroll);
  const link = [...byId("rows").querySelectorAll("a")].find((row) => row.getAttribute("href") === lastStudy);
  link?.focus({ preventScroll: true });
}

const parametersOf = (address) => new URLSearchParams(address.split("?")[1] ?? "");

function show(name) {
  for (const section of ["list", "study", "patient", "statistics"]) byId(section).hidden = section !== name;
  for (const link of document.querySelectorAll(".views a")) {
    if (link.dataset.view === (name === "statistics" ? name : "list")) link.setAttribute("aria-current", name === link.dataset.view ? "page" : "true");
    else link.removeAttribute("aria-current");
  }
}

function go(parameters) {
  const text = parameters.toString();
  const address = text ? `#/?${text}` : "#/";
  // The same search again is a wish for what is new.
  forgetList();
  if ((location.hash || "#/") === address) route();
  else location.hash = address;
}

function changed() {
  forgetList();
  // Somebody who reads a study is not thrown out of it.
  if (!byId("list").hidden) refreshList(parametersOf(listAddress));
}

function deleted() {
  forgetList();
  location.hash = listAddress;
}

startAccount();
startList(go);
startPicking(startUploads(changed));
startPreview();
startKeys();
byId("skip").addEventListener("click", (event) => {
  event.preventDefault();
  byId("main").focus();
});
addEventListener("hashchange", route);
route();

version().then((text) => {
  byId("version").textContent = `VnaCloud ${text}`.trim();
}, () => {});
