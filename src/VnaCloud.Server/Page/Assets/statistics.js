// How much there is: totals, what arrived on each day, what each modality has.

import { ArchiveError, getJson } from "./archive.js";
import { dayChart, niceMaximum, shareBar } from "./chart.js";
import { byId, bytes, count, el, fill, plural } from "./dom.js";

const ranges = { 30: "30 days", 90: "90 days", 365: "A year" };
const section = byId("statistics");

let running = null;

export async function showStatistics(days) {
  const range = days in ranges ? days : 30;
  running?.abort();
  const mine = (running = new AbortController());
  if (!section.hasChildNodes()) fill(section, head(range), el("p", { class: "loading", role: "status" }, "Counting…"));
  section.setAttribute("aria-busy", "true");
  try {
    const statistics = await getJson(`statistics?days=${range}`, mine.signal);
    if (mine === running) fill(section, head(range), totals(statistics.totals), arrivals(statistics.days), modalities(statistics.modalities, statistics.totals), asOf(statistics.at));
  } catch (failure) {
    if (failure.name === "AbortError" || mine !== running) return;
    if (!(failure instanceof ArchiveError)) throw failure;
    fill(section, head(range), el("div", { class: "problem", role: "alert" }, el("p", {}, failure.message),
      el("button", { type: "button", class: "button", onclick: () => showStatistics(range) }, "Try again")));
  } finally {
    if (mine === running) section.removeAttribute("aria-busy");
  }
}

function head(range) {
  return el("header", { class: "study-head" },
    el("h1", { id: "statistics-title", tabindex: -1 }, "Statistics"),
    el("nav", { class: "ranges", "aria-label": "Days shown" }, Object.entries(ranges).map(([days, label]) =>
      el("a", { href: `#/statistics?days=${days}`, "aria-current": Number(days) === Number(range) ? "true" : null }, label))));
}

function totals({ studies, series, instances, bytes: size }) {
  const figure = (name, text) => el("div", {}, el("dt", {}, name), el("dd", {}, text));
  return el("dl", { class: "figures" }, figure("Studies", count(studies)), figure("Series", count(series)), figure("Instances", count(instances)), figure("Stored", bytes(size)));
}

function arrivals(days) {
  const sum = (key) => days.reduce((total, day) => total + day[key], 0);
  const chart = (title, key, show) => {
    const most = niceMaximum(Math.max(...days.map((day) => day[key])));
    return el("figure", { class: "panel" },
      el("figcaption", {}, el("h2", {}, title), el("p", {}, `${show(sum(key))} in ${plural(days.length, "day")} · scale to ${show(most)}`)),
      dayChart(days.map((day) => ({ label: day.day, value: day[key], text: `${day.day}: ${show(day[key])}` })), `${title}: ${show(sum(key))} from ${days[0].day} to ${days.at(-1).day}, at most ${show(Math.max(...days.map((day) => day[key])))} on a day`));
  };
  return el("div", { class: "panels" },
    chart("Studies a day", "studies", (value) => plural(value, "study", "studies")),
    chart("Stored a day", "bytes", bytes),
    el("details", { class: "panel table" }, el("summary", {}, "The days as a table"), dayTable(days.filter((day) => day.studies > 0).reverse())));
}

function dayTable(days) {
  if (!days.length) return el("p", { class: "none" }, "Nothing arrived on these days.");
  return table("Arrivals by day", ["Day", "Studies", "Instances", "Stored"], days.map((day) => [day.day, count(day.studies), count(day.instances), bytes(day.bytes)]));
}

function modalities(list, all) {
  if (!list.length) return null;
  const rows = list.map(({ modality, studies, instances, bytes: size }) => [
    el("span", { class: modality ? "tag" : "none" }, modality || "None"),
    shareBar(all.bytes ? size / all.bytes : 0, `${Math.round((100 * size) / (all.bytes || 1))} % of what is stored`),
    count(studies), count(instances), bytes(size),
  ]);
  return el("section", { class: "panel", "aria-label": "By modality" },
    el("h2", {}, "By modality"), el("p", { class: "hint" }, "A study of several modalities counts as a whole for each of them."),
    table("By modality", ["Modality", "Share of what is stored", "Studies", "Instances", "Stored"], rows));
}

function table(label, names, rows) {
  return el("table", { class: "sums", "aria-label": label },
    el("thead", {}, el("tr", {}, names.map((name, i) => el("th", { scope: "col", class: i === 0 ? null : name.startsWith("Share") ? "share-cell" : "number" }, name)))),
    el("tbody", {}, rows.map((cells) => el("tr", {}, cells.map((cell, i) => el("td", { class: i === 0 ? null : cell instanceof SVGElement ? "share-cell" : "number" }, cell))))));
}

const asOf = (at) => el("p", { class: "hint as-of" }, `Counted at ${new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}. A study counts on the day (UTC) on which its first instance arrived.`);
