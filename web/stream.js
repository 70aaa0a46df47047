// A search as it comes: listings and sources as they answer, then the order. Where no stream comes through, the plain answer.
import { ask, read } from '/web/frame.js';

// What each event does to the answer that is coming. A listing comes below those before it, so that nothing moves; one that
// is the same position as another stands in that one's place: `place` is where it stands, as `id` is what it is.
const TAKE = {
  search: (answer, data) => Object.assign(answer, data),
  asked: (answer, { sources }) => { answer.asked = sources; },
  source: (answer, data) => answer.sources.push(data),
  listing(answer, data) {
    const same = answer.listings.filter(({ id }) => data.replaces?.includes(id));
    const listing = { ...data, place: same[0]?.place ?? data.id };
    answer.sent.set(data.id, listing);
    if (same.length === 0) answer.listings.push(listing);
    else answer.listings = answer.listings.flatMap((other) => (other === same[0] ? listing : same.includes(other) ? [] : other));
  },
  done: (answer, { order, ...data }) => { answer.whole = { ...data, listings: order.map((id) => answer.sent.get(id)) }; },
};

// Calls onNews(answer) for whatever came together; gives the whole answer, or undefined when the stream ended before it.
async function follow(body, onNews) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  const answer = { listings: [], sources: [], sent: new Map() };
  let rest = '';
  try {
    while (!answer.whole) {
      const { value, done } = await reader.read();
      if (done) break;
      const lines = (rest + value).split('\n');
      rest = lines.pop();
      for (const line of lines) {
        const { event, data } = JSON.parse(line);
        TAKE[event]?.(answer, data);
      }
      if (!answer.whole) onNews({ ...answer });
    }
  } finally {
    reader.cancel().catch(() => {});
  }
  return answer.whole;
}

// What the server refuses is refused in every form; only where there was no room for a stream, or it broke, is it asked again.
export async function search(parameters, signal, onNews) {
  const url = `/v1/search?${parameters}`;
  try {
    const { body } = await ask(url, { signal }, 'application/x-ndjson');
    const whole = await follow(body, onNews);
    if (whole) return whole;
  } catch (error) {
    if (signal.aborted || (error.status && error.status !== 503)) throw error;
  }
  return read(url, signal);
}
