// Tells when a list of the page has changed: by the hub's live socket, and where
// that does not come about (old browsers, the sheet that a phone opens when it
// joins a Wi-Fi) by looking again now and then.

import { prefix, topics } from "./page";

const poll = 15_000; // while there is no socket
const patience = 5_000; // until a socket has to be open
const longest = 60_000; // between two tries for a socket

/** Calls changed whenever the page may be out of date. Never ends. */
export function live(changed: () => void): void {
  if (topics.length === 0) return;
  let open = false;
  let wait = 1_000;

  const connect = (): void => {
    let socket: WebSocket;
    try {
      socket = new WebSocket(location.origin.replace("http", "ws") + prefix + "/api/v1/live");
    } catch (_) {
      return; // polling goes on
    }
    const slow = setTimeout(() => socket.close(), patience);
    socket.onopen = () => {
      clearTimeout(slow);
      socket.send(JSON.stringify({ watch: topics }));
    };
    socket.onmessage = (e) => {
      const m = JSON.parse(String(e.data)) as { watching?: unknown; changed?: unknown };
      if (m.watching) {
        // What changed while there was no socket nobody has told.
        changed();
        open = true;
        wait = 1_000;
      } else if (m.changed) {
        changed();
      }
    };
    socket.onclose = () => {
      clearTimeout(slow);
      open = false;
      setTimeout(connect, wait + Math.random() * 1_000);
      wait = Math.min(2 * wait, longest);
    };
  };
  connect();

  setInterval(() => {
    if (!open && !document.hidden) changed();
  }, poll);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) changed();
  });
}
