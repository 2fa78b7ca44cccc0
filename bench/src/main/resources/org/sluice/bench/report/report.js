"use strict";
const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f3c8d", "#6c6c6c", "#8a6d00", "#b42318", "#111111"];
// Everyone keeps one colour on the whole page.
const everyone = [...new Set(plots.flatMap((plot) => plot.series.map((series) => series.name)))];
const colourOf = (name) => colours[everyone.indexOf(name) % colours.length];
const brief = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
Chart.defaults.animation = false;
Chart.defaults.font.size = 13;

function axis(title, extra) {
  return Object.assign({ title: { display: true, text: title } }, extra);
}

function heading(plot) {
  return { title: { display: true, text: plot.title, font: { size: 15 } } };
}

// One bar a candidate, and a dot for each round on it.
function bars(plot) {
  const names = plot.series.map((series) => series.name);
  const dots = plot.series.flatMap((series) => series.rounds.map((value) => ({ x: value, y: series.name })));
  return {
    data: {
      labels: names,
      datasets: [
        { type: "scatter", label: "each round", data: dots, backgroundColor: "#1b1f24", pointRadius: 3 },
        { type: "bar", label: "median", data: plot.series.map((series) => series.median), backgroundColor: names.map((name) => colourOf(name) + "b0") }
      ]
    },
    options: {
      indexAxis: "y",
      maintainAspectRatio: false,
      plugins: Object.assign(heading(plot), { legend: { display: false } }),
      scales: {
        x: axis(plot.unit + " (bar: median, dots: rounds)", { beginAtZero: true, ticks: { callback: (value) => brief.format(value) } }),
        y: { type: "category", labels: names, offset: true }
      }
    }
  };
}

// A line a candidate over the sizes of entries.
function sizes(plot) {
  return {
    type: "line",
    data: { labels: plot.labels, datasets: lines(plot, (series) => series.values, 4) },
    options: {
      maintainAspectRatio: false,
      plugins: heading(plot),
      scales: { x: axis(plot.labelUnit), y: axis(plot.unit + ", logarithmic", { type: "logarithmic", ticks: { callback: everyOther } }) }
    }
  };
}

// A line a candidate over percentiles: each step to the right is ten times as rare.
function percentiles(plot) {
  const names = { 1: "0 %", 2: "50 %", 10: "90 %", 100: "99 %", 1000: "99.9 %", 10000: "99.99 %", 100000: "99.999 %", 1000000: "99.9999 %" };
  return {
    type: "line",
    data: { datasets: lines(plot, (series) => series.points.map((point) => ({ x: point[0], y: point[1] })), 0) },
    options: {
      maintainAspectRatio: false,
      plugins: heading(plot),
      scales: {
        x: axis("percentile", { type: "logarithmic", min: 1, ticks: { autoSkip: false, maxRotation: 0, callback: (value) => names[value] } }),
        y: axis(plot.unit + ", logarithmic", { type: "logarithmic", ticks: { callback: everyOther } })
      }
    }
  };
}

function lines(plot, data, pointRadius) {
  return plot.series.map((series) => ({
    label: series.name, data: data(series), borderColor: colourOf(series.name), backgroundColor: colourOf(series.name),
    borderWidth: 2, pointRadius, borderDash: series.name === "control" ? [6, 4] : []
  }));
}

function everyOther(value) {
  const digit = value / Math.pow(10, Math.floor(Math.log10(value) + 1e-9));
  return [1, 2, 5].some((shown) => Math.abs(digit - shown) < 1e-6) ? brief.format(value) : null;
}

const makers = { bars, sizes, percentiles };
for (const plot of plots) {
  new Chart(document.getElementById(plot.id), makers[plot.kind](plot));
}
