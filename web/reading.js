// Reading the API again and again without tearing down what is on the screen, and sections that keep the keyboard's place.
import { html, useEffect, useLayoutEffect, useRef, useState } from '/web/preact.js';
import { clockOf } from '/web/moments.js';

const REFRESH_MS = 10000;

// Calls load(signal) at once, when inputs change, and every so often while somebody looks. What was read stays when a
// later reading fails. again() reads out of turn, after a change.
export function useReading(load, inputs = []) {
  const [reading, setReading] = useState({ data: null, failure: null, at: null });
  const again = useRef(null);
  useEffect(() => {
    let controller = null;
    let busy = false;
    async function readOnce() {
      controller?.abort();
      const { signal } = controller = new AbortController();
      busy = true;
      try {
        const data = await load(signal);
        if (!signal.aborted) setReading({ data, failure: null, at: new Date() });
      } catch (error) {
        if (!signal.aborted) setReading((before) => ({ ...before, failure: error.message }));
      }
      if (!signal.aborted) busy = false;
    }
    const refresh = () => document.hidden || busy || readOnce();
    again.current = readOnce;
    readOnce();
    const timer = setInterval(refresh, REFRESH_MS);
    document.addEventListener('visibilitychange', refresh);
    return () => {
      controller.abort();
      clearInterval(timer);
      document.removeEventListener('visibilitychange', refresh);
    };
  }, inputs);
  return { ...reading, again: () => again.current() };
}

// what: "The numbers", which could not be read.
export function Failure({ what, reading: { failure, data, at } }) {
  return failure && html`<div class="note" role="alert"><p class="bad"><strong>${what} could not be read.</strong></p>
    <p>${failure} ${data ? `Below is what was read at ${clockOf(at)}.` : 'Trying again by itself.'}</p></div>`;
}

// A part of a page. When what has the keyboard leaves the screen, the keyboard goes on at the heading instead of at the
// top of the page.
export function Section({ id, name, about, children }) {
  const heading = useRef(null);
  const last = useRef(null);
  useLayoutEffect(() => {
    if (!last.current || last.current.isConnected) return;
    last.current = null;
    if (document.activeElement === document.body) heading.current.focus();
  });
  return html`<section class="part" aria-labelledby=${id} onfocusin=${(event) => { last.current = event.target; }}>
    <div class="head"><h2 id=${id} tabindex="-1" ref=${heading}>${name}</h2>${about && html`<span class="about">${about}</span>`}</div>
    ${children}
  </section>`;
}
