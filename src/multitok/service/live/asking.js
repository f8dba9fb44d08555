// Asking the service: the token in memory, a fault in its words, and never more at once than it
// takes.

export class Fault extends Error {
  constructor(message, status, param = null) {
    super(message);
    this.status = status;
    this.param = param;
  }
}

let token = "";
let locked = () => {};

export const carry = (given) => { token = given; };
// Called where the service wants a token, or another.
export const whenLocked = (told) => { locked = told; };

export async function ask(path, { body, type = "application/json" } = {}) {
  const headers = body === undefined ? {} : { "content-type": type };
  if (token) headers.authorization = `Bearer ${token}`;
  let answer;
  try {
    answer = await fetch(path, { method: body === undefined ? "GET" : "POST", body, headers });
  } catch {
    throw new Fault("the service does not answer: is `multitok serve` still running?", 0);
  }
  if (answer.ok) return answer;
  if (answer.status === 401) locked();
  const { message, param } = await saidIn(answer);
  throw new Fault(message, answer.status, param);
}

async function saidIn(answer) {
  try {
    return (await answer.json()).error;
  } catch {
    return { message: `the service answers ${answer.status}` };
  }
}

export const asked = async (path, payload) => (
  (await ask(path, { body: JSON.stringify(payload) })).json()
);

// A file with the rest in the address.
export async function sent(path, file, name, fields) {
  const query = new URLSearchParams([["name", name], ...fields]);
  return ask(`${path}?${query}`, { body: file, type: "application/octet-stream" });
}

// One is under way at a time; of those asked for meanwhile only the last is made.
export function coalesced(work) {
  let [busy, next] = [false, null];
  return async function again(...given) {
    next = given;
    if (busy) return;
    busy = true;
    try {
      while (next) {
        const now = next;
        next = null;
        await work(...now);
      }
    } finally {
      busy = false;
    }
  };
}

// Called once nobody has called for so many milliseconds.
export function rested(milliseconds, work) {
  let timer = 0;
  const call = (...given) => {
    clearTimeout(timer);
    timer = setTimeout(work, milliseconds, ...given);
  };
  call.cancel = () => clearTimeout(timer);
  return call;
}
