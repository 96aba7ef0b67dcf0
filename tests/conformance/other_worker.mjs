// A worker in another language, written from schemas/README.md alone: without arrays and without map, in JavaScript.
//
//     node other_worker.mjs          Node 22 or newer
//
// An op file is a module that exports `ops`, a list of { descriptor, run(inputs, call) }; `await call.progress(fraction,
// message)` fails once the call is cancelled. A number is a Numeral in there: it keeps its text, because an integer must
// stay exact and 1 is not 1.0.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const CODES = {
  parse_error: -32700, invalid_request: -32600, method_not_found: -32601, invalid_params: -32602, op_failed: -32000,
  cancelled: -32001, load_failed: -32004, op_not_found: -32005, message_too_large: -32007,
  unsupported_protocol: -32008, not_initialized: -32009,
};
const NOT_FINITE = ['NaN', 'Infinity', '-Infinity'];
const MAX_DEPTH = 200;
const MAX_DIGITS = 1000;

class Failure extends Error {
  constructor(kind, message, data = {}) {
    super(message);
    this.json = { code: integer(CODES[kind]), message, data: { kind, ...data } };
  }
}

const misfit = (path, expected) => new Failure('invalid_params', `${path}: expected ${expected}`, { path, expected });
const told = (error) => ({ type: error?.name ?? typeof error, traceback: error?.stack ?? '', frames: [] });

// ---- Numbers and lines

export class Numeral {
  constructor(text) {
    this.text = text;
    this.value = Number(text);
    this.isInteger = /^-?\d+$/.test(text);
    const isTooLarge = this.isInteger ? text.replace('-', '').length > MAX_DIGITS : !Number.isFinite(this.value);
    if (isTooLarge) throw new Error(`the number ${text} is too large`);
  }

  toJSON() { return JSON.rawJSON(this.text); }
}

export const integer = (number) => new Numeral(String(number));

export function float(number) {
  if (!Number.isFinite(number)) return { $type: 'float', value: String(number) };
  const text = Object.is(number, -0) ? '-0' : String(number);
  return new Numeral(/[.e]/.test(text) ? text : `${text}.0`);
}

function parse(bytes) {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  const value = JSON.parse(text, (_, item, { source }) => (typeof item === 'number' ? new Numeral(source) : item));
  let level = [value].filter((item) => isObject(item) || Array.isArray(item));
  for (let depth = 0; level.length; depth += 1) {
    if (depth === MAX_DEPTH) throw new Error(`nested deeper than ${MAX_DEPTH}`);
    level = level.flatMap(Object.values).filter((item) => isObject(item) || Array.isArray(item));
  }
  return value;
}

const isObject = (value) =>
  value !== null && typeof value === 'object' && !Array.isArray(value) && !(value instanceof Numeral);

let limit = 16 << 20;
let parts = [];
let length = 0;

const tooLarge = (size) => new Failure(
  'message_too_large', `a line of ${size} bytes; the limit is ${limit}`, { bytes: integer(size), limit: integer(limit) });

// Of a line that is too long only the length is kept.
function take(chunk) {
  for (let start = 0, end; start <= chunk.length; start = end + 1) {
    end = chunk.indexOf(10, start);
    const part = chunk.subarray(start, end < 0 ? chunk.length : end);
    length += part.length;
    if (length <= limit) parts.push(part);
    else parts = [];
    if (end < 0) return;
    if (length > limit) carryOut({ refused: tooLarge(length) });
    else read(Buffer.concat(parts));
    parts = [];
    length = 0;
  }
}

function send(message) {
  const escaped = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  const line = JSON.stringify({ jsonrpc: '2.0', ...message }).replace(/[^\x00-\x7e]/g, escaped);
  if (line.length > limit) {
    if ('id' in message) send({ id: message.id, error: tooLarge(line.length).json });
    return;
  }
  const bytes = Buffer.from(`${line}\n`);
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      if (error.code !== 'EAGAIN') process.exit(0); // nobody reads any more
    }
  }
}

// ---- Requests: read as they come, carried out one after the other

const queue = [];
const pending = new Set();
const ops = new Map();
let initialized = false;
let running = null;
let isBusy = false;

function read(line) {
  if (/^[ \t\r]*$/.test(line.toString('latin1'))) return;
  let message;
  try {
    message = parse(line);
  } catch (error) {
    carryOut({ refused: new Failure('parse_error', error.message) });
    return;
  }
  const { jsonrpc, id, method, params = {} } = isObject(message) ? message : { id: null };
  const hasId = id instanceof Numeral && id.isInteger && BigInt(id.text) > 0n;
  if ((id !== undefined && !hasId) || jsonrpc !== '2.0' || typeof method !== 'string' || !isObject(params)) {
    // A notification is never answered, even one that makes no sense.
    if (id === undefined && jsonrpc === '2.0' && typeof method === 'string') return;
    carryOut({ id: hasId ? id : null, refused: new Failure('invalid_request', 'this is no message') });
  } else if (!hasId) {
    if (method === 'cancel') cancel(params.id);
  } else if (pending.has(id.text)) {
    carryOut({ refused: new Failure('invalid_request', `id ${id.text} is pending already`) });
  } else if (method === 'status' && initialized) {
    send({ id, result: status() });
  } else {
    pending.add(id.text);
    carryOut({ id, method, params });
  }
}

function cancel(id) {
  const isSame = (other) => id instanceof Numeral && other?.text === id.text;
  const at = queue.findIndex((item) => isSame(item.id) && ['call', 'load'].includes(item.method));
  if (at >= 0) {
    pending.delete(queue.splice(at, 1)[0].id.text);
    send({ id, error: new Failure('cancelled', 'cancelled before it began').json });
  } else if (isSame(running?.id)) {
    running.isCancelled = true;
  }
}

async function carryOut(item) {
  queue.push(item);
  if (isBusy) return;
  isBusy = true;
  while (queue.length) {
    const { id = null, method, params, refused } = queue.shift();
    let answer;
    try {
      if (refused) throw refused;
      if (!initialized && method !== 'initialize') throw new Failure('not_initialized', 'initialize comes first');
      if (!Object.hasOwn(METHODS, method)) throw new Failure('method_not_found', `no method ${method}`);
      answer = { result: await METHODS[method](params, id) };
    } catch (error) {
      answer = { error: (error instanceof Failure ? error : new Failure('op_failed', String(error), told(error))).json };
    }
    running = null;
    if (!refused) pending.delete(id.text);
    send({ id, ...answer });
    await new Promise(setImmediate); // what has come meanwhile, a cancel perhaps, is read before the next one begins
  }
  isBusy = false;
}

// ---- Methods

const METHODS = { initialize, load, call };
const FITS = {
  any: () => true,
  string: (value) => typeof value === 'string',
  path: (value) => typeof value === 'string',
  object: isObject,
  integer: (value) => value instanceof Numeral && value.isInteger,
  float: (value) => value instanceof Numeral || (value?.$type === 'float' && NOT_FINITE.includes(value.value)),
  choice: (value, { choices }) => choices.includes(value),
};

function member(params, path, kind, fallback) {
  const name = path.split('.').at(-1);
  const value = name in params ? params[name] : fallback;
  if (!FITS[kind](value)) throw misfit(path, `a value of type ${kind}`);
  return value;
}

function initialize(params) {
  if (initialized) throw new Failure('invalid_request', 'initialize comes once');
  if (params.protocol?.text !== '1') {
    throw new Failure('unsupported_protocol', 'this worker speaks protocol 1', { supported: [integer(1)] });
  }
  const memory = member(params, 'memory', 'object');
  if (!existsSync(member(memory, 'memory.directory', 'string'))) throw misfit('memory.directory', 'a folder that is there');
  if (!/^[a-z0-9-]+$/.test(member(memory, 'memory.prefix', 'string'))) throw misfit('memory.prefix', 'a name');
  if (member(memory, 'memory.quota_bytes', 'integer').value < 0) throw misfit('memory.quota_bytes', '0 or more');
  const bytes = member(params, 'max_line_bytes', 'integer', integer(limit)).value;
  if (bytes < 1) throw misfit('max_line_bytes', 'an integer from 1');
  const environment = member(member(params, 'environment', 'object', {}), 'environment.directory', 'string', '');
  if (environment && !existsSync(`${environment}/alcove.json`)) throw misfit('environment.directory', 'an environment');
  const levels = ['debug', 'info', 'warning', 'error'];
  if (!levels.includes(member(params, 'log_level', 'string', 'info'))) throw misfit('log_level', levels.join(' or '));
  limit = bytes;
  initialized = true;
  const worker = {
    name: 'other', version: '1', language: 'javascript', language_version: process.versions.node,
    pid: integer(process.pid), executable: process.execPath,
  };
  return { protocol: integer(1), worker, features: ['progress', 'cancel', 'status'] };
}

async function load(params) {
  const name = 'source' in params ? 'source' : 'module';
  if ('source' in params === 'module' in params) throw misfit('source', 'one of source and module');
  const source = member(params, name, 'string');
  try {
    if (name === 'module') throw new Error(`no module ${source}`);
    const digest = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 12);
    const loaded = (await import(`${pathToFileURL(source)}?${digest}`)).ops;
    return {
      ops: loaded.map((op) => {
        const id = `${digest}:${op.descriptor.name}`;
        ops.set(id, op);
        return { ...op.descriptor, id };
      }),
    };
  } catch (error) {
    throw new Failure('load_failed', String(error), { ...told(error), mistakes: [] });
  }
}

async function call(params, id) {
  const op = ops.get(member(params, 'op', 'string'));
  if (!op) throw new Failure('op_not_found', `no op ${params.op}`, { known: [...ops.keys()] });
  const inputs = member(params, 'inputs', 'object');
  const adapt = member(params, 'adapt', 'string', 'lossless');
  if (!['strict', 'lossless', 'convert'].includes(adapt)) throw misfit('adapt', 'strict, lossless or convert');
  const given = bound(op.descriptor, inputs);
  running = { id, op: params.op, began: performance.now(), isCancelled: false, toldAt: 0, progress };
  return { outputs: await op.run(given, running), kept: [] };
}

async function progress(fraction, message) {
  if (Date.now() - this.toldAt >= 50) {
    this.toldAt = Date.now();
    send({ method: 'progress', params: { id: this.id, fraction: fraction === null ? null : float(fraction), message } });
  }
  await new Promise(setImmediate);
  if (this.isCancelled) throw new Failure('cancelled', 'cancelled');
}

function bound({ inputs: descriptors }, inputs) {
  for (const [name, value] of Object.entries(inputs)) {
    checkValue(value, `inputs.${name}`);
    if (!descriptors.some((described) => described.name === name)) throw misfit(`inputs.${name}`, 'an input of the op');
  }
  return Object.fromEntries(descriptors.map((described) => {
    const { name, type, minimum, maximum } = described;
    const value = member(inputs, `inputs.${name}`, 'any', described.default);
    // NaN is inside no range.
    const isInside = (!minimum || value?.value >= minimum.value) && (!maximum || value?.value <= maximum.value);
    if (value === undefined) throw misfit(`inputs.${name}`, 'a value');
    if (!FITS[type](value, described) || !isInside) throw misfit(`inputs.${name}`, `a ${type}`);
    return [name, value];
  }));
}

// Values go through as they came; only whether they are values is looked at.
function checkValue(value, path) {
  if (Array.isArray(value)) value.forEach((item, index) => checkValue(item, `${path}[${index}]`));
  if (!isObject(value)) return;
  const isPart = (part) => FITS.float(part) && (isObject(part) || Number.isFinite(part.value));
  const isBase64 = (text) => typeof text === 'string' && Buffer.from(text, 'base64').toString('base64') === text;
  const isRight = {
    float: () => FITS.float(value),
    complex: () => isPart(value.real) && isPart(value.imag),
    bytes: () => isBase64(value.base64),
    object: () => isObject(value.value),
  };
  if ('$type' in value && !(Object.hasOwn(isRight, value.$type) && isRight[value.$type]())) throw misfit(path, 'a value');
  const members = value.$type === 'object' ? value.value : '$type' in value ? {} : value;
  Object.entries(members).forEach(([name, item]) => checkValue(item, `${path}.${name}`));
}

const status = () => ({
  running: running?.id ?? null,
  op: running?.op ?? null,
  seconds: running ? float((performance.now() - running.began) / 1000) : null,
  queued: integer(queue.filter((item) => item.id).length),
  rss_bytes: integer(process.memoryUsage().rss),
  memory_bytes: null,
  cpu_seconds: float(process.cpuUsage().user / 1e6),
  pooled_bytes: integer(0),
});

console.log = console.error; // stdout carries messages alone
process.stdin.on('data', take);
process.stdin.on('end', () => process.exit(0));
