// Moments, days and spans as a person reads them: when, how long ago, how soon, how often. All dates are UTC.
import { html } from '/web/preact.js';

const DAY = 86400000;
const UNITS = [['day', DAY], ['hour', 3600000], ['min', 60000], ['s', 1000]];
const inUnits = (n, unit) => `${n} ${unit}${n > 1 && (unit === 'day' || unit === 'hour') ? 's' : ''}`;

// "3 days", "2 hours 5 min", "40 s": hours with their minutes, all else in one unit.
export function span(ms) {
  const length = Math.max(Math.abs(ms), 1000);
  const [unit, size] = UNITS.find(([, one]) => length >= one);
  const n = Math.floor(length / size);
  const minutes = unit === 'hour' ? Math.floor((length % size) / 60000) : 0;
  return minutes > 0 ? `${inUnits(n, unit)} ${minutes} min` : inUnits(n, unit);
}

export function every(ms) {
  const [unit, size] = UNITS.find(([, one]) => ms >= one && ms % one === 0) ?? ['ms', 1];
  const n = ms / size;
  if (n > 1 || size === 1) return `every ${inUnits(n, unit)}`;
  return `every ${{ min: 'minute', s: 'second' }[unit] ?? unit}`;
}

export function age(text, now = Date.now()) {
  const days = Math.floor((now - Date.parse(text)) / DAY);
  if (Number.isNaN(days)) return '';
  if (days <= 0) return 'today';
  if (days === 1) return 'yesterday';
  return days < 60 ? `${days} days ago` : `${Math.floor(days / 30)} months ago`;
}

export const clockOf = (time) => `${time.toISOString().slice(11, 19)} UTC`;

export const dayName = (day) => new Date(`${day}T00:00:00Z`).toLocaleDateString('en-GB',
  { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' });

const fullTime = (text) => `${new Date(text).toLocaleString('en-GB',
  { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit', timeZone: 'UTC' })} UTC`;

function distance(ms) {
  if (Math.abs(ms) < 1000) return 'now';
  return ms < 0 ? `${span(ms)} ago` : `in ${span(ms)}`;
}

// "2 min ago", "in 40 s"; the moment itself when pointed at.
export function Moment({ at, now = Date.now() }) {
  if (!at) return html`<span class="quiet">never</span>`;
  return html`<time datetime=${at} title=${fullTime(at)}>${distance(Date.parse(at) - now)}</time>`;
}
