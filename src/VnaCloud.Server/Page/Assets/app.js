// The page's addresses: "#/?PatientName=doe" is the list, "#/study/1.2.3" a study. They are fragments because search terms name
// patients, and a fragment is never sent to a server, its proxies or their logs.

import { version } from "./archive.js";
import { byId } from "./dom.js";
import { forgetList, refreshList, showList, startList } from "./list.js";
import { startPicking } from "./pick.js";
import { showStudy } from "./study.js";
import { startUploads } from "./uploads.js";

let listAddress = "#/";
let listScroll = 0;
let lastStudy = null; // where the keyboard goes on after a study

async function route() {
  const address = location.hash || "#/";
  const study = /^#\/study\/([^/?]+)/.exec(address);
  if (study) {
    if (!byId("list").hidden) listScroll = scrollY;
    lastStudy = address;
    show("study");
    scrollTo(0, 0);
    const title = await showStudy(decodeURIComponent(study[1]), deleted);
    byId("back").href = listAddress;
    document.title = title ? `${title} · VnaCloud` : "VnaCloud";
    if (title && document.activeElement === document.body) byId("study-title").focus({ preventScroll: true });
    return;
  }
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
  for (const section of ["list", "study"]) byId(section).hidden = section !== name;
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

startList(go);
startPicking(startUploads(changed));
byId("skip").addEventListener("click", (event) => {
  event.preventDefault();
  byId("main").focus();
});
addEventListener("hashchange", route);
route();

version().then((text) => {
  byId("version").textContent = `VnaCloud ${text}`.trim();
}, () => {});
