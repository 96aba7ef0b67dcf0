// The ops of schemas/vectors/sessions/ops.py that need no arrays, for other_worker.mjs.

import { existsSync, readFileSync } from 'node:fs';
import { Numeral, float, integer } from './other_worker.mjs';

const input = (name, type, more = {}) => ({ name, type, required: !('default' in more), ...more });
const op = (name, inputs, type, run) => ({
  descriptor: {
    name,
    title: name,
    description: '',
    form: 'function',
    inputs,
    outputs: type ? [{ name: 'result', type }] : [],
    gpu: false,
  },
  run,
});
const bounds = { minimum: integer(0), maximum: integer(10) };
const methods = { choices: ['double', 'halve'], default: 'double' };

export const ops = [
  op('add', [input('a', 'integer'), input('b', 'integer', { default: integer(1) })], 'integer', ({ a, b }) => (
    { result: new Numeral(String(BigInt(a.text) + BigInt(b.text))) })),
  op('divide', [input('a', 'float'), input('b', 'float')], 'float', ({ a, b }) => {
    if (b.value === 0) throw Object.assign(new Error('division by zero'), { name: 'ZeroDivisionError' });
    return { result: float(a.value / b.value) };
  }),
  op('scale', [input('value', 'float', bounds), input('method', 'choice', methods)], 'float', ({ value, method }) => (
    { result: float(method === 'double' ? value.value * 2 : value.value / 2) })),
  op('echo', [input('value', 'any')], 'any', ({ value }) => ({ result: value })),
  op('repeat', [input('text', 'string'), input('times', 'integer')], 'string', ({ text, times }) => (
    { result: text.repeat(times.value) })),
  op('wait', [], null, async (_, call) => {
    for (;;) await call.progress(null, 'waiting');
  }),
  op('wait_for', [input('file', 'path')], 'string', async ({ file }, call) => {
    while (!existsSync(file)) await call.progress(null, 'waiting');
    return { result: readFileSync(file, 'utf8') };
  }),
  op('die', [input('code', 'integer')], null, ({ code }) => process.exit(code.value)),
];
