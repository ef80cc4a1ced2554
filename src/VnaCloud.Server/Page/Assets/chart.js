// Charts as SVG that is made by DOM calls. Each says in words what it shows, and every bar its value.

const namespace = "http://www.w3.org/2000/svg";
const [width, height, left, bottom, top] = [640, 200, 8, 28, 10];

/** Bars over days. @param bars [{ label, value, text }]; @param title what they show. */
export function dayChart(bars, title) {
  const most = niceMaximum(Math.max(...bars.map((bar) => bar.value)));
  const step = (width - 2 * left) / bars.length;
  const scale = (height - bottom - top) / most;
  const chart = svg("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": title });
  for (const part of [0, 0.5, 1]) {
    const y = height - bottom - part * most * scale;
    chart.append(svg("line", { class: "grid", x1: left, x2: width - left, y1: y, y2: y }));
  }
  bars.forEach((bar, i) => {
    // Something is never nothing.
    const length = bar.value > 0 ? Math.max(2, bar.value * scale) : 0;
    const group = svg("g", { class: "bar" });
    group.append(tip(bar.text), svg("rect", { class: "hit", x: left + i * step, y: top, width: step, height: height - top - bottom }));
    group.append(svg("rect", { class: "value", x: left + i * step + step * 0.12, y: height - bottom - length, width: step * 0.76, height: length, rx: Math.min(3, step * 0.2) }));
    chart.append(group);
  });
  for (const [i, anchor] of [[0, "start"], [Math.floor((bars.length - 1) / 2), "middle"], [bars.length - 1, "end"]]) {
    if (i === 0 && anchor !== "start") continue;
    const x = anchor === "start" ? left : anchor === "end" ? width - left : left + (i + 0.5) * step;
    chart.append(svg("text", { class: "axis", x, y: height - 5, "text-anchor": anchor }, bars[i].label));
  }
  return chart;
}

/** One bar in proportion, for a row of a table. */
export function shareBar(part, title) {
  const chart = svg("svg", { class: "share", viewBox: "0 0 100 8", preserveAspectRatio: "none", role: "img", "aria-label": title });
  chart.append(svg("rect", { class: "track", x: 0, y: 0, width: 100, height: 8 }), svg("rect", { class: "value", x: 0, y: 0, width: Math.max(part > 0 ? 0.6 : 0, 100 * part), height: 8 }));
  return chart;
}

/** The next round number. */
export function niceMaximum(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((factor) => factor * power >= value) * power;
}

const tip = (text) => svg("title", {}, text);

function svg(name, attributes, text) {
  const node = document.createElementNS(namespace, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
}
