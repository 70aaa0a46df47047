// One measure over time as bars. The numbers themselves stand beside it, exact; here they are only drawn.
import { html, useEffect, useRef } from '/web/preact.js';
import uPlot from '/web/uplot.js';

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const bars = uPlot.paths.bars({ size: [0.7, 40], align: 1 });
const series = (name) => ({ paths: bars, points: { show: false }, width: 0, fill: () => colour(name), stroke: () => colour(name) });

// The hour, and at midnight the day: all UTC.
function timeName(seconds) {
  const time = new Date(seconds * 1000);
  const atMidnight = seconds % 86400 === 0;
  return time.toLocaleString('en-GB', { timeZone: 'UTC',
    ...(atMidnight ? { day: 'numeric', month: 'short' } : { hour: '2-digit', minute: '2-digit' }) });
}

function optionsOf(place, spanned, onPoint) {
  const axis = { stroke: () => colour('--quiet'), font: '11px system-ui, sans-serif', ticks: { show: false } };
  return {
    width: place.clientWidth, height: 120, legend: { show: false }, padding: [8, 4, 0, 0],
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false }, sync: { key: 'dashboard' } },
    scales: {
      x: { range: () => spanned.current },
      y: { range: (plot, low, high) => [Math.min(low ?? 0, 0), Math.max(high ?? 0, 0) || 1] },
    },
    axes: [
      { ...axis, size: 22, gap: 3, space: 64, grid: { show: false }, values: (plot, splits) => splits.map(timeName) },
      { ...axis, size: 48, gap: 4, space: 34, grid: { stroke: () => colour('--line'), width: 1 } },
    ],
    series: [{}, series('--pale'), series('--accent')],
    hooks: { setCursor: [(plot) => onPoint(plot.cursor.idx ?? null)] },
  };
}

// times: seconds, where each bucket begins; values: a whole for each; parts: what of it is drawn darker.
export function Chart({ times, values, parts, step, label, onPoint }) {
  const place = useRef(null);
  const plot = useRef(null);
  const spanned = useRef(null);
  spanned.current = [times[0], times[times.length - 1] + step];

  useEffect(() => {
    const drawn = plot.current = new uPlot(optionsOf(place.current, spanned, onPoint), [[], [], []], place.current);
    const sized = new ResizeObserver(() => drawn.setSize({ width: place.current.clientWidth, height: 120 }));
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const redraw = () => drawn.redraw(false);
    sized.observe(place.current);
    scheme.addEventListener('change', redraw);
    return () => { sized.disconnect(); scheme.removeEventListener('change', redraw); drawn.destroy(); };
  }, []);
  // New numbers go into the plot that stands: nothing flickers, and the pointer keeps its place.
  useEffect(() => plot.current.setData([times, values, parts]), [times, values, parts]);
  return html`<div class="chart" ref=${place} role="img" aria-label=${label}></div>`;
}
